"""Runs a command in a pseudo terminal of its own, as a person at a keyboard would.

Argument: JSON {"argv", "env", "cwd", "columns", "steps"}. A step is ["wait", text], ["type", text],
["signal", number], ["stopped", ""], ["full", bytes] or ["resize", columns]. With "full", standard
output is a pipe of one page that no one reads, and the step waits until it holds so much and nothing
is drawn any more. Prints JSON {"code", "screen", "echo_at_prompt", "echo_after"}.
"""

import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import fcntl
import time

order = json.loads(sys.argv[1])
master, slave = pty.openpty()


def resize(columns):
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))


resize(order["columns"])
unread = None
if any(kind == "full" for kind, _ in order["steps"]):
    unread = os.pipe()
    fcntl.fcntl(unread[1], fcntl.F_SETPIPE_SZ, 4096)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    if unread:
        os.dup2(unread[1], 1)
    os.close(master)
    os.close(slave)
    os.chdir(order["cwd"])
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execvpe(order["argv"][0], order["argv"], order["env"])

screen = b""
end = time.monotonic() + 30


def read(timeout):
    """Takes what the terminal shows; False when nothing came in time."""
    global screen
    ready, _, _ = select.select([master], [], [], timeout)
    if ready:
        screen += os.read(master, 65536)
    return bool(ready)


def echoes():
    return bool(termios.tcgetattr(slave)[3] & termios.ECHO)


seen = 0
echo_at_prompt = []
for kind, value in order["steps"]:
    if kind == "wait":
        wanted = value.encode()
        while wanted not in screen[seen:]:
            if time.monotonic() > end:
                os.kill(child, signal.SIGKILL)
                sys.exit(f"never seen: {value!r} in {screen!r}")
            read(0.05)
        seen = screen.index(wanted, seen) + len(wanted)
        echo_at_prompt.append(echoes())
    elif kind == "type":
        os.write(master, value.encode())
    elif kind == "signal":
        os.kill(child, value)
    elif kind == "stopped":
        while not os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED | os.WNOHANG)[1]):
            if time.monotonic() > end:
                os.kill(child, signal.SIGKILL)
                sys.exit(f"does not stop: {screen!r}")
            read(0.02)
        echo_at_prompt.append(echoes())
    elif kind == "full":
        held, quiet = 0, False
        while held < value or not quiet:
            if time.monotonic() > end:
                os.kill(child, signal.SIGKILL)
                sys.exit(f"never full: {held} bytes, {screen!r}")
            quiet = not read(0.5)
            held = struct.unpack("i", fcntl.ioctl(unread[0], termios.FIONREAD, bytes(4)))[0]
    elif kind == "resize":
        resize(value)
        os.kill(child, signal.SIGWINCH)

while True:
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        break
    if time.monotonic() > end:
        os.kill(child, signal.SIGKILL)
        sys.exit(f"does not end: {screen!r}")
    read(0.02)
while read(0):
    pass
print(json.dumps({
    "code": os.waitstatus_to_exitcode(status),
    "screen": screen.decode(errors="replace"),
    "echo_at_prompt": echo_at_prompt,
    "echo_after": echoes(),
}))
