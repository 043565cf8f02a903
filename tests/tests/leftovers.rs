//! Every test with processes ends by looking for what its tree has left: the harness does it for
//! fixtures, and for the tests that are roots themselves this looks into their sources (S1).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tests::fixture::Fixture;

const LOOKS: &str = "assert_nobody_left().await";

/// How one does whose processes may end a moment later.
const WAITS: &str = "until_nobody_is_left().await";

/// A function or a macro of a formatted source file.
#[derive(Debug)]
struct Item {
    name: String,
    is_root: bool,
    body: String,
}

fn items(source: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let (mut lines, mut is_root) = (source.lines(), false);
    while let Some(line) = lines.next() {
        let text = line.trim_start();
        is_root |= text.starts_with("#[tractor::test(name = fresh_name()");
        let Some(name) = name_of(text) else {
            continue;
        };
        let end = format!("{}}}", &line[..line.len() - text.len()]);
        let body = lines.by_ref().take_while(|line| *line != end);
        items.push(Item {
            name: name.to_owned(),
            is_root,
            body: body.collect::<Vec<_>>().join("\n"),
        });
        is_root = false;
    }
    items
}

/// What is defined by a line, if its definition goes on in the next ones.
fn name_of(line: &str) -> Option<&str> {
    let starts = [
        "fn ",
        "async fn ",
        "pub fn ",
        "pub async fn ",
        "macro_rules! ",
    ];
    let rest = starts.iter().find_map(|start| line.strip_prefix(start))?;
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    (!line.ends_with('}')).then_some(&rest[..end])
}

/// True when the item looks for leftovers, or uses another one of its file that does.
fn looks(item: &Item, items: &[Item]) -> bool {
    looks_beside(item, items, &mut BTreeSet::new())
}

/// [`looks`], where those in `asked` were asked already.
fn looks_beside<'a>(item: &'a Item, items: &'a [Item], asked: &mut BTreeSet<&'a str>) -> bool {
    if item.body.contains(LOOKS) || item.body.contains(WAITS) {
        return true;
    }
    let uses = |other: &Item| {
        let called = [format!("{}(", other.name), format!("{}!(", other.name)];
        called.iter().any(|call| item.body.contains(call))
    };
    asked.insert(&item.name)
        && items
            .iter()
            .any(|other| uses(other) && looks_beside(other, items, asked))
}

/// The files below a directory.
fn sources(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("this crate's tests");
    let paths = entries.map(|entry| entry.expect("it can be listed").path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false => vec![path],
        })
        .collect()
}

#[test]
fn every_root_looks_for_leftovers() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let (mut count, mut careless) = (0, Vec::new());
    for path in sources(&dir) {
        // Those about the attribute itself have roots without a name of their own; that file looks
        // after them all together.
        if ["harness.rs", "leftovers.rs"]
            .iter()
            .any(|file| path.ends_with(file))
        {
            continue;
        }
        let source = fs::read_to_string(&path).expect("a source file");
        let items = items(&source);
        let roots: Vec<_> = items.iter().filter(|item| item.is_root).collect();
        let attributes = source.matches("#[tractor::test").count();
        let file = path.display();
        if attributes > roots.len() {
            careless.push(format!("a root without `fresh_name()` in {file}"));
        }
        count += roots.len();
        let those = roots.iter().filter(|root| !looks(root, &items));
        careless.extend(those.map(|root| format!("{} in {file}", root.name)));
    }
    assert!(count > 100, "{count} tests were found: are these all?");
    assert!(
        careless.is_empty(),
        "roots that end neither with `{LOOKS}` nor with `{WAITS}`: {careless:#?}"
    );
}

#[test]
fn roots_that_do_not_look_are_found() {
    let source = format!(
        "#[tractor::test(name = fresh_name())]\nasync fn looks() {{\n    {LOOKS};\n}}\n\n\
         async fn helper() {{\n    {LOOKS};\n}}\n\n\
         mod deeper {{\n    #[tractor::test(name = fresh_name())]\n    \
         async fn asks_a_helper() {{\n        helper();\n    }}\n\n    \
         #[tractor::test(name = fresh_name())]\n    async fn does_not() {{\n        x();\n    }}\n}}\n"
    );
    let items = items(&source);
    let roots = items.iter().filter(|item| item.is_root);
    let found: Vec<_> = roots
        .map(|root| (root.name.as_str(), looks(root, &items)))
        .collect();
    assert_eq!(
        found,
        [
            ("looks", true),
            ("asks_a_helper", true),
            ("does_not", false)
        ]
    );
}

/// The harness itself: a fixture that is dropped while it runs fails its test.
#[test]
#[should_panic(expected = "was dropped while it was running")]
fn fixture_has_to_be_waited_for() {
    let running = Fixture::new(env!("CARGO_BIN_EXE_scopes"))
        .arg("linger")
        .start();
    running.line("up");
}

/// The harness itself: a process that outlives its root is seen.
#[test]
#[should_panic(expected = "the root ended with signal: 9")]
fn fixture_that_leaves_a_process_is_seen() {
    let script = "sleep 1000 >/dev/null 2>&1 & kill -9 $$";
    Fixture::new("/bin/sh").arg("-c").arg(script).run();
}

/// The harness itself: a file that is left in the directory for temporary ones is seen.
#[test]
#[should_panic(expected = "temporary files are left: {\"leftover\"}")]
fn fixture_that_leaves_a_file_is_seen() {
    let script = "touch \"$TMPDIR/leftover\"";
    Fixture::new("/bin/sh").arg("-c").arg(script).run();
}
