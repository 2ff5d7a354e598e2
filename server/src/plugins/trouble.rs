//! What a plugin did that it should not have done, as a sentence.

use wasmtime::Trap;

use super::budget::Budget;
use super::host::one_line;
use crate::units;

/// Why a call gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TroubleKind {
    Deadline,
    Memory,
    Stack,
    Trap,
    /// What it answered can't be, or can't be taken.
    Lie,
    /// It said itself that it can't.
    Refused,
}

impl TroubleKind {
    pub(crate) const ALL: [Self; 6] = [
        Self::Deadline,
        Self::Memory,
        Self::Stack,
        Self::Trap,
        Self::Lie,
        Self::Refused,
    ];

    /// Its name, for counting.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Deadline => "deadline",
            Self::Memory => "memory",
            Self::Stack => "stack",
            Self::Trap => "trap",
            Self::Lie => "lie",
            Self::Refused => "refused",
        }
    }
}

/// A call that gave no answer: `sentence` goes on after the plugin's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) kind: TroubleKind,
    pub(crate) sentence: String,
}

impl Trouble {
    pub(crate) fn of(
        error: &wasmtime::Error,
        what: &str,
        deadline_ms: u64,
        stack_bytes_max: usize,
        budget: &Budget,
    ) -> Self {
        let trap = error.downcast_ref::<Trap>().copied();
        if let Some(most) = budget.refused()
            && trap != Some(Trap::Interrupt)
        {
            return Self {
                kind: TroubleKind::Memory,
                sentence: format!("was stopped: {what} wanted more memory than {most}"),
            };
        }
        let (kind, sentence) = match trap {
            Some(Trap::Interrupt) => (TroubleKind::Deadline, took_too_long(what, deadline_ms)),
            Some(Trap::StackOverflow) => {
                let most = units::bytes(stack_bytes_max as u64);
                (
                    TroubleKind::Stack,
                    format!("was stopped: {what} calls itself too deeply for {most} of stack"),
                )
            }
            Some(trap) => (TroubleKind::Trap, format!("broke off in {what}: {trap}")),
            None => (
                TroubleKind::Lie,
                format!("failed in {what}: {}", one_line(error)),
            ),
        };
        Self { kind, sentence }
    }
}

/// What is said of a call that was stopped, after the plugin's name.
pub(crate) fn took_too_long(what: &str, deadline_ms: u64) -> String {
    format!("was stopped: {what} took longer than {deadline_ms} ms")
}
