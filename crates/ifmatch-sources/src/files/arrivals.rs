//! Which file of a folder rests: nobody writes to it any more, as far as looks can tell.

use std::collections::BTreeMap;

/// What a look at a folder shows of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glimpse {
    /// Its name.
    pub name: String,
    /// Its length, in bytes.
    pub bytes: u64,
    /// When it was last changed, in milliseconds since 1970, by the clock of its disk.
    pub changed_ms: i64,
}

/// What was seen of a folder so far.
#[derive(Debug, Default)]
pub struct Arrivals {
    /// Files by name, with how many looks in a row showed the same.
    known: BTreeMap<String, (Glimpse, u32)>,
}

/// Endings of files that somebody is still writing.
const UNFINISHED: [&str; 4] = [".tmp", ".part", ".partial", ".filepart"];

impl Arrivals {
    /// Takes a look; gives the names of the files that were the same in `looks` looks after the first, the oldest first.
    pub fn look(&mut self, shown: Vec<Glimpse>, looks: u32) -> Vec<String> {
        let mut now = BTreeMap::new();
        for glimpse in shown.into_iter().filter(|glimpse| is_taken(&glimpse.name)) {
            let times = match self.known.get(&glimpse.name) {
                Some((before, times)) if *before == glimpse => times.saturating_add(1),
                _ => 0,
            };
            now.insert(glimpse.name.clone(), (glimpse, times));
        }
        self.known = now;
        let mut resting: Vec<&Glimpse> =
            self.known.values().filter(|(_, times)| *times >= looks).map(|(glimpse, _)| glimpse).collect();
        resting.sort_by(|a, b| (a.changed_ms, &a.name).cmp(&(b.changed_ms, &b.name)));
        resting.into_iter().map(|glimpse| glimpse.name.clone()).collect()
    }
}

/// Whether a file of this name is for us.
fn is_taken(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !name.starts_with('.') && !name.ends_with('~') && !UNFINISHED.iter().any(|ending| lower.ends_with(ending))
}

#[cfg(test)]
mod tests {
    //! Behaviour of looks at a folder.

    use super::*;

    fn glimpse(name: &str, bytes: u64, changed_ms: i64) -> Glimpse {
        Glimpse { name: name.to_owned(), bytes, changed_ms }
    }

    #[test]
    fn a_file_is_taken_once_it_rests_the_oldest_first() {
        let mut folder = Arrivals::default();
        let growing = |bytes| vec![glimpse("b.csv", 9, 5), glimpse("a.csv", bytes, 7), glimpse("c.csv", 1, 5)];
        assert_eq!(folder.look(growing(1), 2), [""; 0]);
        assert_eq!(folder.look(growing(2), 2), [""; 0]);
        assert_eq!(folder.look(growing(2), 2), ["b.csv", "c.csv"]);
        assert_eq!(folder.look(growing(2), 2), ["b.csv", "c.csv", "a.csv"]);
        assert_eq!(folder.look(vec![glimpse("b.csv", 9, 6)], 2), [""; 0], "another file under the same name");
    }

    #[test]
    fn unfinished_and_hidden_files_are_left_alone() {
        let names = [".a.csv", "a.csv.part", "A.TMP", "a.csv~", "a.filepart", "a.csv"];
        let shown = || names.iter().map(|name| glimpse(name, 1, 1)).collect();
        let mut folder = Arrivals::default();
        folder.look(shown(), 1);
        assert_eq!(folder.look(shown(), 1), ["a.csv"]);
    }
}
