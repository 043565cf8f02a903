//! Trees as text, folded to the width of a terminal.
//!
//! A line that is too long is broken behind a comma or a colon, and goes on below: behind the bars of the tree, and
//! further in than anything that could stand there by itself.
//!
//! ```text
//! ├─ mill[7] does not answer, asleep, 3.0 MiB, 2 threads,
//! │  │     12 ms of processor in 1 min 30 s
//! │  └─ stone[8] runs
//! ```

use unicode_width::UnicodeWidthChar;

/// What stands in front of the rest of a line, behind its bars: the calls of an actor have three columns.
const HANGS: &str = "     ";

/// What is left of a line however deep the tree is: that is broken by the terminal.
const LEAST: usize = 16;

/// `text`, which is a tree or a line of one, in lines of so many columns.
pub(crate) fn fold(text: &str, width: usize) -> String {
    let mut folded = Folded::new(width);
    let mut lines = text.lines().map(Line::of).peekable();
    while let Some(line) = lines.next() {
        folded.add(&line, lines.peek());
    }
    folded.text
}

/// A line of a tree.
struct Line<'t> {
    bars: &'t str,
    rest: &'t str,
}

impl<'t> Line<'t> {
    fn of(line: &'t str) -> Self {
        let rest = line.trim_start_matches(['│', '├', '└', '─', ' ']);
        let (bars, rest) = line.split_at(line.len() - rest.len());
        Self { bars, rest }
    }

    /// What stands in front of what is left of the line, with `next` below.
    fn hanging(&self, next: Option<&Line<'_>>) -> String {
        let goes_on = |bar| match bar {
            '│' | '├' => '│',
            _ => ' ',
        };
        let mut hanging: String = self.bars.chars().map(goes_on).collect();
        // A bar that begins here leads to what is below.
        let below = next.and_then(|next| next.bars.chars().nth(self.bars.chars().count()));
        hanging.push(below.map_or(' ', |bar| match bar {
            '└' => '│',
            bar => goes_on(bar),
        }));
        hanging + HANGS
    }
}

/// Lines of so many columns.
struct Folded {
    text: String,
    width: usize,
    /// The columns of the last line.
    columns: usize,
}

impl Folded {
    fn new(width: usize) -> Self {
        Self {
            text: String::new(),
            width,
            columns: 0,
        }
    }

    fn add(&mut self, line: &Line<'_>, next: Option<&Line<'_>>) {
        let hanging = line.hanging(next);
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.begin(line.bars);
        let least = columns(&hanging) + LEAST;
        let width = self.width.max(least);
        let mut is_first = true;
        for piece in pieces(line.rest) {
            let fits = self.columns + columns(piece.trim_end()) <= width;
            if !fits && !is_first {
                self.break_line(&hanging);
            }
            self.put(piece, &hanging, width);
            is_first = false;
        }
    }

    /// Writes a piece; what is longer than a line is broken anywhere.
    fn put(&mut self, piece: &str, hanging: &str, width: usize) {
        for (shown, wide) in characters(piece) {
            if self.columns + wide > width && shown != " " {
                self.break_line(hanging);
            }
            self.text.push_str(shown);
            self.columns += wide;
        }
    }

    fn break_line(&mut self, hanging: &str) {
        self.text.truncate(self.text.trim_end_matches(' ').len());
        self.text.push('\n');
        self.begin(hanging);
    }

    fn begin(&mut self, bars: &str) {
        self.text.push_str(bars);
        self.columns = columns(bars);
    }
}

/// The pieces that a line may be broken between: each ends behind a comma, or a colon, and a space.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut spaces = rest.match_indices(' ');
        let end = spaces.find(|(at, _)| rest[..*at].ends_with([',', ':']));
        let (piece, behind) = rest.split_at(end.map_or(rest.len(), |(at, _)| at + 1));
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    })
}

/// The columns that a text takes.
fn columns(text: &str) -> usize {
    characters(text).map(|(_, wide)| wide).sum()
}

/// The characters of a text with their columns. What begins a colour, or ends one, is one without any.
fn characters(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = match first {
            '\x1b' => rest.find('m').map_or(rest.len(), |end| end + 1),
            first => first.len_utf8(),
        };
        let (shown, behind) = rest.split_at(end);
        rest = behind;
        // None of a control character.
        let wide = first.width().unwrap_or(0);
        Some((shown, wide))
    })
}

#[cfg(test)]
mod tests {
    use super::{HANGS, LEAST, columns, fold};

    const TREE: &str = "\
root[7] runs, asleep, 3.0 MiB
│   waits for app::work, root.a[9], for 3.2 s
├─ a[9] does not answer, asleep, 3.0 MiB
│  └─ below[10] runs, asleep, 3.0 MiB
└─ b[8] runs, asleep, restarted once
       answers app::tick, root[7], for 3.2 s";

    #[test]
    fn lines_are_broken_behind_commas_and_bars_go_on() {
        let expected = "\
root[7] runs, asleep,
│     3.0 MiB
│   waits for app::work,
│         root.a[9],
│         for 3.2 s
├─ a[9] does not answer,
│  │     asleep, 3.0 MiB
│  └─ below[10] runs,
│           asleep, 3.0 MiB
└─ b[8] runs, asleep,
         restarted once
       answers app::tick,
             root[7],
             for 3.2 s";
        assert_eq!(fold(TREE, 27), expected);
    }

    #[test]
    fn error_is_broken_behind_its_colon() {
        let text = "`app::share` panicked in root.till[7]: attempt to divide by zero";
        let expected = "`app::share` panicked in root.till[7]:\n      attempt to divide by zero";
        assert_eq!(fold(text, 60), expected);
    }

    #[test]
    fn what_fits_stays_whole() {
        let widest = TREE.lines().map(columns).max().expect("there are lines");
        assert_eq!(fold(TREE, widest), TREE);
        assert_ne!(fold(TREE, widest - 1), TREE);
    }

    #[test]
    fn comma_may_stand_in_the_last_column() {
        let text = "a[1] runs, asleep, 3.0 MiB, ended";
        assert_eq!(fold(text, 27), text.replace(", e", ",\n      e"));
        assert_eq!(fold(text, 26), text.replace(", 3", ",\n      3"));
    }

    #[test]
    fn long_piece_is_broken_anywhere() {
        let text = "a[1] runs, in a_function_whose_name_is_long, ok";
        let expected = "\
a[1] runs,
      in a_function_whose_
      name_is_long, ok";
        assert_eq!(fold(text, 26), expected);
    }

    #[test]
    fn colours_and_wide_characters_have_the_columns_that_they_take() {
        let bold = "\x1b[1mroot\x1b[0m[7] \x1b[32mruns\x1b[0m, asleep, 3.0 MiB";
        assert_eq!(fold(bold, 29), bold);
        assert_eq!(fold(bold, 28), bold.replace(", 3", ",\n      3"));
        assert_eq!(fold("木木木, 木木, 木", 16), "木木木, 木木, 木");
        assert_eq!(columns("木\u{301}e\u{301}"), 3);
    }

    #[test]
    fn tree_too_deep_for_its_terminal_has_some_columns() {
        let deep = format!(
            "{}└─ a[1] runs, asleep, 3.0 MiB, 2 threads",
            "│  ".repeat(9)
        );
        for width in [0, 1, 20] {
            let folded = fold(&deep, width);
            let lines: Vec<_> = folded.lines().collect();
            assert!(lines.len() < 5, "{folded}");
            let most = columns(&"│  ".repeat(10)) + 1 + HANGS.len() + LEAST;
            assert!(lines.iter().all(|line| columns(line) <= most), "{folded}");
        }
    }
}
