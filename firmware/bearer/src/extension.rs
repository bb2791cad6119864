//! What an administrator decides of a telephone.

use serde::{Deserialize, Serialize};

/// What one telephone has beside what its country says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The feeding is reversed while somebody it called has answered; `None`: as in its country.
    pub reversal: Option<bool>,
    /// Messages wait for it.
    pub waiting: bool,
}
