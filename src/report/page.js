"use strict";
(() => {
  document.documentElement.classList.add("js");
  const find = (id) => document.getElementById(id);
  const [form, text, open, shown, empty] = ["filter", "text", "open", "shown", "empty"].map(find);
  const states = [...form.querySelectorAll("input[name=state]")];
  const lines = [...document.querySelectorAll("tbody tr")].map((row) => {
    const targets = [...row.querySelectorAll("td[data-t]")].map((cell) => cell.dataset.t);
    const words = `${row.textContent} ${targets.join(" ")}`.toLowerCase();
    return { row, words, states: row.dataset.s.split("\t") };
  });
  const number = new Intl.NumberFormat("en");

  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = states.filter((box) => box.checked).map((box) => box.value);
    let count = 0;
    for (const line of lines) {
      const fits = words.every((word) => line.words.includes(word)) &&
        (wanted.length === 0 || wanted.some((state) => line.states.includes(state)));
      line.row.hidden = !fits;
      count += fits ? 1 : 0;
    }
    const all = `${number.format(lines.length)} ${lines.length === 1 ? "repository" : "repositories"}`;
    shown.value = count === lines.length ? all : `${number.format(count)} of ${all}`;
    empty.hidden = count > 0 || lines.length === 0;
  };

  const setOpen = (value) => {
    for (const part of document.querySelectorAll("tbody tr:not([hidden]) details")) {
      part.open = value;
    }
    open.setAttribute("aria-pressed", String(value));
    open.textContent = value ? "Close details" : "Open details";
  };

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  open.hidden = document.querySelector("tbody details") === null;
  open.addEventListener("click", () => setOpen(open.getAttribute("aria-pressed") !== "true"));
  addEventListener("beforeprint", () => setOpen(true));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && document.activeElement !== text) {
      event.preventDefault();
      text.focus();
    } else if (event.key === "Escape" && form.contains(document.activeElement)) {
      form.reset();
      filter();
    }
  });

  const copy = async (command, button) => {
    const range = document.createRange();
    range.selectNodeContents(command);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    try {
      await navigator.clipboard.writeText(command.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Selected";
    }
  };
  // A button for each command, when somebody first opens its details.
  const addButtons = (part) => {
    for (const command of part.querySelectorAll("pre:not(:has(button)) code")) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Copy";
      button.addEventListener("click", () => copy(command, button));
      command.before(button);
    }
  };
  addEventListener("toggle", (event) => {
    if (event.target.open) addButtons(event.target);
  }, true);
  document.querySelectorAll(".remark").forEach(addButtons);
  // Browsers keep what was typed when a page is loaded again.
  filter();
})();
