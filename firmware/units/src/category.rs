//! What kind of caller calls, as far as lines tell it.

use serde::{Deserialize, Serialize};

/// The category of a calling party: one list for every kind of line. Which signals mean which
/// stands in the documents of each country (`boards/r2`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Category {
    /// A subscriber without any privilege (Q.441: II-1, II-7).
    Ordinary,
    /// A subscriber whose calls come first (Q.441: II-2, II-9).
    Priority,
    /// Equipment of maintenance (Q.441: II-3).
    Maintenance,
    /// An operator (Q.441: II-5, II-10).
    Operator,
    /// Transmission of data (Q.441: II-6, II-8).
    Data,
    /// A coin box.
    Payphone,
    /// A call that tests something (China: KD 6).
    Test,
}

impl Category {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Ordinary,
        Self::Priority,
        Self::Maintenance,
        Self::Operator,
        Self::Data,
        Self::Payphone,
        Self::Test,
    ];

    /// A word for records and documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Priority => "priority",
            Self::Maintenance => "maintenance",
            Self::Operator => "operator",
            Self::Data => "data",
            Self::Payphone => "payphone",
            Self::Test => "test",
        }
    }

    /// The category with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.word() == word)
    }
}
