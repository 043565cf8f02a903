//! The screens in the guide, taken anew: `screens DIRECTORY`.
//!
//! Each is what a terminal shows, of 80 and of 120 columns, with colours and without, as HTML for `rustdoc`.
//!
//! ```console
//! $ cargo build -p tests -p examples --features tractor/debug --bins --examples
//! $ cargo run -p tests --bin screens tractor/docs/screens
//! ```

#![forbid(unsafe_code)]

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use tests::terminal::Terminal;
use vt100::{Cell, Color, Screen};

/// The sizes of the terminals, in columns.
const WIDTHS: [u16; 2] = [80, 120];

/// As many lines as there is something to see.
const PROMPT_LINES: u16 = 60;
const TOP_LINES: u16 = 14;

/// What the terminal looks like where it shows nothing.
const PAPER: &str = "background: #1e1e1e; color: #d4d4d4; line-height: 1.25; padding: 1em";

fn main() {
    let directory = PathBuf::from(env::args_os().nth(1).expect("say where to"));
    let take = |name: &str, width: u16, coloured: bool, screen: &Screen| {
        let kind = if coloured { "coloured" } else { "plain" };
        let path = directory.join(format!("{name}_{width}_{kind}.html"));
        fs::write(&path, html(screen)).expect("it can be written");
        println!("{}", path.display());
    };
    for width in WIDTHS {
        for coloured in [true, false] {
            take("prompt", width, coloured, prompt(width, coloured).screen());
            take("top", width, coloured, top(width, coloured).screen());
        }
    }
}

/// What cargo has built beside this program.
fn built(path: &str) -> String {
    let program = env::current_exe().expect("a process has an executable");
    let directory = program.parent().unwrap_or(Path::new("."));
    directory.join(path).display().to_string()
}

fn start(path: &str, args: &[&str], size: (u16, u16), coloured: bool) -> Terminal {
    let plain = [("NO_COLOR", "1")];
    let variables = plain.into_iter().filter(|_| !coloured);
    Terminal::start_sized(size, &built(path), args.iter().copied(), variables)
}

/// The prompt of an actor that has crashed, two levels below the root.
fn prompt(width: u16, coloured: bool) -> Terminal {
    let size = (PROMPT_LINES, width);
    let mut terminal = start("examples/why_did_it_crash", &[], size, coloured);
    terminal.wait_for("(till) ");
    for command in ["args", "bt", "tree", "help"] {
        terminal.enter(command);
        terminal.wait_for("(till) ");
    }
    terminal
}

/// A tree that hangs, in `tractor top`.
fn top(width: u16, coloured: bool) -> Terminal {
    let mut hung = start("inspected", &["stuck"], (24, 80), coloured);
    hung.wait_for("up");
    let pid = hung.pid().to_string();
    let args = ["top", "--every", "0.2", "--timeout", "0.2", &pid];
    let mut terminal = start("command", &args, (TOP_LINES, width), coloured);
    // At the second look, at which it is known what was used since the first.
    terminal.wait_for_screen(&["bakery", " % ", "mill", "no answer", " % ", "waits for"]);
    terminal
}

/// The screen, from its first line that shows something to its last one.
fn html(screen: &Screen) -> String {
    let (rows, columns) = screen.size();
    let lines: Vec<_> = (0..rows.get())
        .map(|row| line(screen, row, columns.get()))
        .collect();
    let shown = lines.join("\n");
    format!(
        "<pre style=\"{PAPER}\">{}</pre>\n",
        shown.trim_matches('\n')
    )
}

/// One line; pieces that look the same are one.
fn line(screen: &Screen, row: u16, columns: u16) -> String {
    let cells = (0..columns).filter_map(|column| screen.cell(row, column));
    let mut cells: Vec<_> = cells.filter(|cell| !cell.is_wide_continuation()).collect();
    let is_empty = |cell: &&Cell| cell.contents().trim().is_empty() && style(cell).is_empty();
    while cells.pop_if(|cell| is_empty(&&**cell)).is_some() {}
    let mut text = String::new();
    for piece in cells.chunk_by(|a, b| style(a) == style(b)) {
        let shown: String = piece.iter().map(|cell| escaped(cell.contents())).collect();
        let _ = match &*style(piece[0]) {
            "" => write!(text, "{shown}"),
            style => write!(text, "<span style=\"{style}\">{shown}</span>"),
        };
    }
    text
}

fn escaped(shown: &str) -> String {
    match shown {
        "" => " ".to_owned(),
        shown => shown
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;"),
    }
}

/// How a cell looks, in CSS.
fn style(cell: &Cell) -> String {
    let mut style = String::new();
    if cell.inverse() {
        style.push_str("background: #d4d4d4; color: #1e1e1e; ");
    } else if let Some(colour) = css(cell.fgcolor()) {
        let _ = write!(style, "color: {colour}; ");
    }
    if cell.bold() {
        style.push_str("font-weight: bold; ");
    }
    if cell.dim() {
        style.push_str("opacity: 0.6; ");
    }
    style.trim_end().to_owned()
}

fn css(colour: Color) -> Option<&'static str> {
    const NAMED: [&str; 8] = [
        "#808080", "#f48771", "#89d185", "#e2c08d", "#569cd6", "#c586c0", "#4ec9b0", "#d4d4d4",
    ];
    match colour {
        Color::Idx(number) => NAMED.get(usize::from(number % 8)).copied(),
        Color::Default | Color::Rgb(..) => None,
    }
}
