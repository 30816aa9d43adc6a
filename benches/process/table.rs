//! The table that is printed, in Markdown.

/// Rows in the order of their making.
#[derive(Default)]
pub struct Table(Vec<[String; 5]>);

impl Table {
    pub fn row(&mut self, name: &str, goal: &str, measured: f64, of: &str, met: bool) {
        let met = if met { "yes" } else { "**no**" };
        self.add([name, goal, &format!("{measured:.2}"), of, met]);
    }

    pub fn skipped(&mut self, name: &str, why: &str) {
        self.add([name, "", "skipped", why, ""]);
    }

    fn add(&mut self, row: [&str; 5]) {
        eprintln!("{}: {} ({})", row[0], row[2], row[3]);
        self.0.push(row.map(str::to_owned));
    }

    pub fn print(&self) {
        println!("{}\n", machine());
        println!("| what | goal | measured | of | met |\n| --- | --- | --- | --- | --- |");
        for row in &self.0 {
            println!("| {} |", row.join(" | "));
        }
    }
}

fn machine() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or("?");
    let model = model.trim_start_matches([' ', '\t', ':']);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} cores, {model}, {}", std::env::consts::OS)
}
