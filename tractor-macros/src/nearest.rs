//! The key that was probably meant.

/// The key in `known` that is most like `written`, if any is.
pub(crate) fn nearest<'k>(written: &str, known: &[&'k str]) -> Option<&'k str> {
    let furthest = 1 + written.len() / 3;
    known
        .iter()
        .map(|key| (distance(written, key), *key))
        .filter(|(distance, key)| {
            *distance <= furthest || key.starts_with(written) || written.starts_with(key)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, key)| key)
}

/// How many letters have to be changed, added, left out or swapped with the next.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = match (i, j) {
                (0, _) => j,
                (_, 0) => i,
                _ => {
                    let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let added = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                    let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                    let best = changed.min(added);
                    if swapped {
                        best.min(rows[i - 2][j - 2] + 1)
                    } else {
                        best
                    }
                }
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const KEYS: &[&str] = &["modules", "count", "names", "hard_kill", "log_level"];

    #[test]
    fn the_nearest_key_is_suggested() {
        assert_eq!(nearest("module", KEYS), Some("modules"));
        assert_eq!(nearest("cuont", KEYS), Some("count"));
        assert_eq!(nearest("hardkill", KEYS), Some("hard_kill"));
        assert_eq!(nearest("log", KEYS), Some("log_level"));
        assert_eq!(nearest("transport", KEYS), None);
    }
}
