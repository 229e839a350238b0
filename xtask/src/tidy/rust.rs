//! Tells code from comments and literals in a Rust source, without parsing it.

/// A Rust source taken apart.
#[derive(Debug)]
pub(crate) struct Rust {
    /// The source with every comment and every literal's content replaced by spaces; each line
    /// stands where it stood.
    pub(crate) code: String,
    /// The string literals in order.
    pub(crate) literals: Vec<Literal>,
}

/// One string literal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    /// The line it begins in, from 1.
    pub(crate) line: usize,
    /// What stands between the quotes, escapes as written.
    pub(crate) text: String,
}

impl Rust {
    /// Takes a source apart.
    pub(crate) fn read(text: &str) -> Self {
        let mut scan = Scan { bytes: text.as_bytes(), code: text.as_bytes().to_vec(), at: 0, literals: Vec::new() };
        while scan.at < scan.bytes.len() {
            scan.step();
        }
        let code = String::from_utf8_lossy(&scan.code).into_owned();
        Self { code, literals: scan.literals }
    }

    /// The lines of items under `#[cfg(test)]`, from 1, both ends included.
    pub(crate) fn test_lines(&self) -> Vec<(usize, usize)> {
        let starts = self.code.match_indices("#[cfg(test)]").map(|(at, _)| at);
        starts
            .filter_map(|at| Some((line_of(&self.code, at), line_of(&self.code, item_end(&self.code, at)?))))
            .collect()
    }

    /// The names of modules in files of their own that exist under `#[cfg(test)]` only.
    pub(crate) fn test_modules(&self) -> Vec<&str> {
        let after = self.code.split("#[cfg(test)]").skip(1);
        after
            .filter_map(|rest| {
                let item = rest.split([';', '{']).next()?;
                let declared = rest[item.len()..].starts_with(';');
                let mut words = item.split_whitespace().rev();
                let name = words.next()?;
                (declared && words.next() == Some("mod")).then_some(name)
            })
            .collect()
    }
}

/// The line of a byte offset, from 1.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Where the item that begins at `from` ends: its `;`, or the brace that closes its body.
/// Expects code without comments and literals.
pub(crate) fn item_end(code: &str, from: usize) -> Option<usize> {
    let attribute = code[from..].starts_with("#[").then(|| closing(code, from + 1)).flatten();
    let start = attribute.map_or(from, |end| end + 1);
    let mut at = start;
    loop {
        match code.as_bytes().get(at)? {
            b';' => return Some(at),
            b'{' => return closing(code, at),
            b'(' | b'[' => at = closing(code, at)? + 1,
            _ => at += 1,
        }
    }
}

/// The bracket that closes the one at `open`.
fn closing(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

struct Scan<'a> {
    bytes: &'a [u8],
    code: Vec<u8>,
    at: usize,
    literals: Vec<Literal>,
}

impl Scan<'_> {
    fn step(&mut self) {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(b"//") {
            let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            self.blank(self.at + end);
        } else if rest.starts_with(b"/*") {
            self.blank(self.at + comment_length(rest));
        } else if let Some(hashes) = self.raw_string() {
            self.literal(hashes + 2, &[b"\"", &b"#".repeat(hashes)[..]].concat());
        } else if rest[0] == b'"' {
            self.literal(1, b"\"");
        } else if let Some(length) = char_length(rest) {
            self.blank(self.at + length);
        } else {
            self.at += 1;
        }
    }

    /// The number of `#` of a raw string that begins here.
    fn raw_string(&self) -> Option<usize> {
        let (rest, before) = (&self.bytes[self.at..], &self.bytes[..self.at]);
        if rest[0] != b'r' {
            return None;
        }
        let before = before.strip_suffix(b"b").or_else(|| before.strip_suffix(b"c")).unwrap_or(before);
        if before.last().is_some_and(|byte| is_word(*byte)) {
            return None;
        }
        let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
        (rest.get(1 + hashes) == Some(&b'"')).then_some(hashes)
    }

    /// Takes a literal whose opening is `open` bytes long; escapes count where it ends in a quote.
    fn literal(&mut self, open: usize, end: &[u8]) {
        let escapes = end.len() == 1 && open == 1;
        let start = self.at + open;
        let mut stop = start;
        while stop < self.bytes.len() && !self.bytes[stop..].starts_with(end) {
            stop += if escapes && self.bytes[stop] == b'\\' { 2 } else { 1 };
        }
        let stop = stop.min(self.bytes.len());
        let line = self.bytes[..self.at].iter().filter(|byte| **byte == b'\n').count() + 1;
        let text = String::from_utf8_lossy(&self.bytes[start..stop]).into_owned();
        self.literals.push(Literal { line, text });
        self.at = start;
        self.blank(stop);
        self.at = (stop + end.len()).min(self.bytes.len());
    }

    fn blank(&mut self, to: usize) {
        let to = to.min(self.bytes.len());
        for byte in self.code[self.at..to].iter_mut().filter(|byte| **byte != b'\n') {
            *byte = b' ';
        }
        self.at = to;
    }
}

/// The length of a block comment; they nest.
fn comment_length(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// The length of a character literal that begins here; `None` for a lifetime and anything else.
fn char_length(rest: &[u8]) -> Option<usize> {
    let [b'\'', first, ..] = rest else {
        return None;
    };
    if *first == b'\\' {
        let end = rest.get(3..)?.iter().position(|byte| *byte == b'\'')?;
        return Some(end + 4);
    }
    let width = match first {
        0..=0x7f => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    };
    (rest.get(1 + width) == Some(&b'\'')).then_some(width + 2)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests;
