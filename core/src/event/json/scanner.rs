//! Finds where values end, one byte at a time.

use std::borrow::Cow;
use std::ops::Range;

use super::text::{plain_bytes, text_of, unit};
use super::{Bounds, Problem};

/// What is left of the bounds while one event is read.
pub(super) struct Budget {
    pub(super) depth_max: usize,
    pub(super) fields_left: usize,
}

pub(super) struct Scanner<'a> {
    text: &'a str,
    /// The byte it stands on.
    pub(super) at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is not white space; the scanner stands on it.
    pub(super) fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.byte() {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    pub(super) fn expected(&self, expected: &'static str) -> Problem {
        Problem::Syntax {
            byte: self.at,
            expected,
        }
    }

    pub(super) fn end(&mut self) -> Result<(), Problem> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.expected("nothing more")),
        }
    }

    /// A member's name and its colon; stands on the value afterwards.
    pub(super) fn name(&mut self, budget: &mut Budget) -> Result<Cow<'a, str>, Problem> {
        let written = self.written_name(budget)?;
        let start = written.start;
        text_of(&self.text[written]).ok_or(Problem::Syntax {
            byte: start,
            expected: "both halves of a surrogate pair",
        })
    }

    /// The same, but the name is not looked into: half a surrogate pair is JSON, although it is no text.
    fn written_name(&mut self, budget: &mut Budget) -> Result<Range<usize>, Problem> {
        if self.peek() != Some(b'"') {
            return Err(self.expected("a name in double quotes"));
        }
        budget.fields_left = budget.fields_left.checked_sub(1).ok_or(Problem::Fields)?;
        let start = self.at;
        self.string()?;
        let written = start..self.at;
        if self.peek() != Some(b':') {
            return Err(self.expected("`:`"));
        }
        self.at += 1;
        self.peek();
        Ok(written)
    }

    pub(super) fn value(&mut self, bounds: Bounds) -> Result<(), Problem> {
        self.value_within(&mut Budget {
            depth_max: bounds.depth_max,
            fields_left: bounds.fields_max,
        })
    }

    /// Steps over one value of any nesting.
    pub(super) fn value_within(&mut self, budget: &mut Budget) -> Result<(), Problem> {
        let mut open = Nesting::default();
        loop {
            match self.peek() {
                Some(opening @ (b'{' | b'[')) => {
                    if open.depth == budget.depth_max {
                        return Err(Problem::Depth);
                    }
                    self.at += 1;
                    let is_object = opening == b'{';
                    if self.peek() == Some(if is_object { b'}' } else { b']' }) {
                        self.at += 1;
                    } else {
                        open.push(is_object);
                        if is_object {
                            self.written_name(budget)?;
                        }
                        continue;
                    }
                }
                Some(b'"') => self.string()?,
                Some(b'-' | b'0'..=b'9') => self.number()?,
                Some(b't') => self.literal("true")?,
                Some(b'f') => self.literal("false")?,
                Some(b'n') => self.literal("null")?,
                _ => return Err(self.expected("a value")),
            }
            // A value is complete; so is every object or array that ends right after it.
            loop {
                let Some(in_object) = open.top() else {
                    return Ok(());
                };
                match (self.peek(), in_object) {
                    (Some(b','), _) => {
                        self.at += 1;
                        if in_object {
                            self.written_name(budget)?;
                        }
                        break;
                    }
                    (Some(b'}'), true) | (Some(b']'), false) => {
                        self.at += 1;
                        open.pop();
                    }
                    (_, true) => return Err(self.expected("`,` or `}`")),
                    (_, false) => return Err(self.expected("`,` or `]`")),
                }
            }
        }
    }

    fn string(&mut self) -> Result<(), Problem> {
        self.at += 1;
        let bytes = self.text.as_bytes();
        loop {
            self.at += plain_bytes(&bytes[self.at..]);
            match bytes.get(self.at) {
                Some(b'"') => break self.at += 1,
                Some(b'\\') => match bytes.get(self.at + 1) {
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
                    Some(b'u') if self.text.get(self.at + 2..).and_then(unit).is_some() => {
                        self.at += 6;
                    }
                    _ => return Err(self.expected("an escape that JSON has")),
                },
                Some(0x20..) => self.at += 1,
                Some(_) => return Err(self.expected("no control character in a string")),
                None => return Err(self.expected("the end of a string")),
            }
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Problem> {
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        match self.byte() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Problem> {
        let start = self.at;
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            Err(self.expected("a digit"))
        } else {
            Ok(())
        }
    }

    fn literal(&mut self, word: &'static str) -> Result<(), Problem> {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.expected("a value"))
        }
    }
}

/// Which brackets are open: one bit a level, set for an object.
#[derive(Default)]
struct Nesting {
    bits: Vec<u64>,
    depth: usize,
}

impl Nesting {
    fn push(&mut self, is_object: bool) {
        let (word, bit) = (self.depth / 64, self.depth % 64);
        if word == self.bits.len() {
            self.bits.push(0);
        }
        self.bits[word] = self.bits[word] & !(1 << bit) | u64::from(is_object) << bit;
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.depth -= 1;
    }

    fn top(&self) -> Option<bool> {
        let level = self.depth.checked_sub(1)?;
        Some(self.bits[level / 64] >> (level % 64) & 1 == 1)
    }
}
