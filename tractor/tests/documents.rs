//! The files that the documents at the root speak of exist.

use std::collections::BTreeSet;
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

#[test]
fn invariants_are_cited_where_they_are_enforced() {
    let mut files = Vec::new();
    files_below(&root().join("tractor/src"), &mut files);
    let source: String = files
        .iter()
        .map(|file| fs::read_to_string(root().join(file)).expect("it was found there"))
        .collect();
    let architecture = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("it is there");
    let rows = architecture
        .lines()
        .filter_map(|line| line.strip_prefix("| "));
    let ids: Vec<_> = rows
        .filter_map(|row| row.split(' ').next())
        .filter(|id| id.len() == 2 && id.ends_with(|c: char| c.is_ascii_digit()))
        .collect();
    assert_eq!(
        ids.len(),
        11,
        "the table of invariants is not read as it is written"
    );
    let words: BTreeSet<_> = source.split(|c: char| !c.is_alphanumeric()).collect();
    let uncited: Vec<_> = ids.iter().filter(|id| !words.contains(**id)).collect();
    assert!(uncited.is_empty(), "no code cites {uncited:?}");
}

#[test]
fn readme_is_short() {
    let readme = fs::read_to_string(root().join("README.md")).expect("it is at the root");
    assert!(readme.lines().count() <= 150);
}
