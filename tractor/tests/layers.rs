//! Imports run strictly downward through the layers.
//!
//! The edges are read from the source: every `crate::layer` path in a file below `src/layer`, be
//! it an import or written out. What a layer offers at the crate's root, such as `crate::Error`,
//! counts as that layer.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What a layer may name.
#[derive(Clone, Copy)]
enum Below {
    /// Every layer that stands before it.
    All,
    Only(&'static [&'static str]),
}

/// The layers, from the lowest, each with what it may name.
const LAYERS: [(&str, Below); 12] = [
    ("base", Below::All),
    ("wire", Below::All),
    ("transport", Below::All),
    ("session", Below::All),
    ("rpc", Below::All),
    (
        "process",
        Below::Only(&["base", "wire", "transport", "session"]),
    ),
    ("opentelemetry", Below::Only(&["base", "process"])),
    ("log", Below::Only(&["base", "process", "opentelemetry"])),
    ("scope", Below::All),
    ("debugger", Below::All),
    ("runtime", Below::All),
    ("cli", Below::All),
];

impl Below {
    /// True when the layer at `at` may name `other`.
    fn has(self, at: usize, other: &str) -> bool {
        match self {
            Self::All => LAYERS[..at].iter().any(|(layer, _)| *layer == other),
            Self::Only(names) => names.contains(&other),
        }
    }
}

/// What stands at the crate's root and belongs to no layer.
const ROOT: [&str; 7] = [
    "__private",
    "fuzzing",
    "guide",
    "lib",
    "macros",
    "main",
    "measuring",
];

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).expect("the directory is there") {
        let path = entry.expect("its entries can be read").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The code of a file, without comments.
fn code(path: &Path) -> String {
    let text = read(path);
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The identifiers at the front of `path`: `a` for `a::b`, both `a` and `c` for `{a::b, c}`.
fn first_names(path: &str) -> Vec<&str> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let name = |part: &'_ str| -> usize { part.find(|c| !is_name(c)).unwrap_or(part.len()) };
    let Some(group) = path.strip_prefix('{') else {
        return vec![&path[..name(path)]];
    };
    let (mut names, mut depth, mut fresh) = (Vec::new(), 0, true);
    for (at, c) in group.char_indices() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            c if fresh && is_name(c) => {
                names.push(&group[at..at + name(&group[at..])]);
                fresh = false;
            }
            _ => {}
        }
    }
    names
}

/// The first names of all `crate::` paths in the code of a file.
fn crate_paths(code: &str) -> Vec<&str> {
    let paths = code.match_indices("crate::");
    let paths = paths.filter(|(at, _)| {
        // `$crate::` and `my_crate::` are something else.
        !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$')
    });
    paths
        .flat_map(|(at, found)| first_names(&code[at + found.len()..]))
        .collect()
}

/// The layer of each name that stands at the crate's root.
fn root_names() -> BTreeMap<String, &'static str> {
    let mut names: BTreeMap<_, _> = LAYERS.map(|(layer, _)| (layer.to_owned(), layer)).into();
    let lib = code(&src().join("lib.rs"));
    for (layer, _) in LAYERS {
        for (at, found) in lib.match_indices(&format!("pub use crate::{layer}::")) {
            for name in first_names(&lib[at + found.len()..]) {
                names.insert(name.to_owned(), layer);
            }
        }
    }
    names
}

#[test]
fn every_file_belongs_to_a_layer() {
    let known: Vec<_> = LAYERS.iter().map(|(layer, _)| *layer).chain(ROOT).collect();
    for entry in fs::read_dir(src()).expect("the crate has a source") {
        let path = entry.expect("its entries can be read").path();
        let name = path.file_stem().and_then(|stem| stem.to_str());
        assert!(
            name.is_some_and(|name| known.contains(&name)),
            "{} is in no layer; give it a place in this test and in ARCHITECTURE.md",
            path.display()
        );
    }
}

#[test]
fn imports_run_downward() {
    let root_names = root_names();
    let mut upward = Vec::new();
    let mut edges = 0;
    for (at, (layer, below)) in LAYERS.into_iter().enumerate() {
        for file in files_below(&src().join(layer)) {
            for name in crate_paths(&code(&file)) {
                let target = root_names.get(name).copied().unwrap_or(name);
                edges += 1;
                if target != layer && !below.has(at, target) {
                    upward.push(format!("{} names crate::{name}", file.display()));
                }
            }
        }
    }
    assert!(
        edges > 50,
        "only {edges} edges were found: this test reads the source wrongly"
    );
    assert!(
        upward.is_empty(),
        "imports that run upward:\n{}",
        upward.join("\n")
    );
}

#[test]
fn nobody_reaches_the_root_by_super() {
    for (layer, _) in LAYERS {
        let top = src().join(layer);
        for file in files_below(&top) {
            let inside = file.strip_prefix(&top).expect("it was found there");
            let is_mod = inside.file_stem().is_some_and(|stem| stem == "mod");
            let depth = inside.components().count() - usize::from(is_mod);
            // One more, for a module that stands inside of the file.
            let too_far = "super::".repeat(depth + 2);
            assert!(
                !code(&file).contains(&too_far),
                "{} goes too far up",
                file.display()
            );
        }
    }
}

#[test]
fn wire_and_the_session_core_are_pure() {
    let mut files = files_below(&src().join("wire"));
    let session = src().join("session");
    files.extend(files_below(&session.join("core")));
    let of_the_core = [
        "action.rs",
        "batch.rs",
        "core.rs",
        "in_flight.rs",
        "inbound.rs",
        "outbound.rs",
        "queue.rs",
        "streams.rs",
    ];
    files.extend(of_the_core.map(|file| session.join(file)));
    for file in files {
        let code = code(&file);
        for impure in [
            "async ",
            "tokio",
            "Instant",
            "SystemTime",
            "std::io",
            "std::net",
        ] {
            assert!(!code.contains(impure), "{} has `{impure}`", file.display());
        }
    }
}

#[test]
fn paths_are_read_as_rust_reads_them() {
    let code = "use crate::{Error as E, base::{Aid, Exit}, rpc};\nlet x = crate::wire::f();\n\
                $crate::a; my_crate::b;";
    assert_eq!(crate_paths(code), ["Error", "base", "rpc", "wire"]);
}
