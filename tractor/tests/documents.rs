//! The files that the documents at the root speak of exist.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    let library = Path::new(env!("CARGO_MANIFEST_DIR"));
    library.parent().expect("it is a member").to_owned()
}

/// The paths of all source files, from the root.
fn files_below(directory: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(directory).expect("the directory is there") {
        let path = entry.expect("its entries can be read").path();
        let name = path.file_name().and_then(|name| name.to_str());
        if path.is_dir() && name != Some("target") && name != Some(".git") {
            files_below(&path, files);
        } else if let Ok(inside) = path.strip_prefix(root()) {
            files.push(inside.to_string_lossy().into_owned());
        }
    }
}

/// What stands between backquotes and looks like a file.
fn mentions(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|word| {
        let is_path = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
        let is_file = [".rs", ".toml", ".md"]
            .iter()
            .any(|end| word.ends_with(end));
        is_file && word.chars().all(is_path)
    })
}

/// Where links lead that do not leave the repository.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1);
    let targets = targets.filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://"))
}

#[test]
fn mentioned_files_exist() {
    let mut files = Vec::new();
    files_below(&root(), &mut files);
    let exists = |mention: &&str| {
        let tail = format!("/{mention}");
        files
            .iter()
            .any(|file| file == mention || file.ends_with(&tail))
    };
    for document in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ] {
        let text = fs::read_to_string(root().join(document)).expect("it is at the root");
        let missing: Vec<_> = mentions(&text).filter(|word| !exists(word)).collect();
        assert!(missing.is_empty(), "{document} speaks of {missing:?}");
        let dead: Vec<_> = links(&text)
            .filter(|link| !root().join(link).exists())
            .collect();
        assert!(dead.is_empty(), "{document} links to {dead:?}");
    }
}

/// The one source file that is meant by a mention.
fn read_mentioned(files: &[String], mention: &str) -> String {
    let below_src = format!("tractor/src/{mention}");
    let found = files
        .iter()
        .find(|file| **file == below_src || *file == mention);
    let file = found.unwrap_or_else(|| panic!("no `{mention}` at the root or below tractor/src"));
    fs::read_to_string(root().join(file)).expect("it was found there")
}

#[test]
fn invariants_are_cited_where_they_are_enforced_and_tested() {
    let mut files = Vec::new();
    files_below(&root(), &mut files);
    let architecture = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("it is there");
    let rows = architecture
        .lines()
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let is_id = |id: &str| id.len() == 2 && id.ends_with(|c: char| c.is_ascii_digit());
    let (mut ids, mut uncited) = (0, Vec::new());
    for row in rows {
        let &[_, id, _promise, enforced, tested, _] = row.as_slice() else {
            continue;
        };
        if !is_id(id) {
            continue;
        }
        ids += 1;
        for column in [enforced, tested] {
            assert!(mentions(column).next().is_some(), "{id}: {column}");
            for mention in mentions(column) {
                let source = read_mentioned(&files, mention);
                let mut words = source.split(|c: char| !c.is_alphanumeric());
                if !words.any(|word| word == id) {
                    uncited.push(format!("{id} in {mention}"));
                }
            }
        }
    }
    assert_eq!(ids, 11, "the table is not read as it is written");
    assert!(uncited.is_empty(), "nobody cites {uncited:#?}");
}

#[test]
fn code_map_names_every_source_file() {
    let mut files = Vec::new();
    files_below(&root().join("tractor/src"), &mut files);
    let architecture = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("it is there");
    let (_, map) = architecture.split_once("## Code map").expect("it has one");
    let (map, _) = map.split_once("## Invariants").expect("they follow");
    let unnamed: Vec<_> = files
        .iter()
        .filter_map(|file| {
            let inside = file.strip_prefix("tractor/src/")?;
            let (layer, name) = inside.split_once('/')?;
            // Its tests stand beside a file, and those of a folder of its own in one bullet.
            let is_plain = name != "mod.rs" && !name.ends_with("tests.rs") && !name.contains('/');
            let bullet = map
                .split("- **")
                .find_map(|bullet| bullet.strip_prefix(&format!("`{layer}`")));
            let named = bullet.is_some_and(|bullet| mentions(bullet).any(|word| word == name));
            (is_plain && !named).then_some(inside)
        })
        .collect();
    assert!(unnamed.is_empty(), "the code map leaves out {unnamed:?}");
}

#[test]
fn readme_is_short() {
    let readme = fs::read_to_string(root().join("README.md")).expect("it is at the root");
    assert!(readme.lines().count() <= 150);
}
