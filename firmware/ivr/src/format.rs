//! A program as octets: the format of this release, and those before it that are read still.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::format1;
use crate::program::{Program, ProgramFault, Step};

/// A program of format 2.
#[derive(Deserialize)]
struct Second {
    name: String,
    steps: Vec<Step>,
}

impl Program {
    /// The octets under which the program is published; their SHA-256 is its name.
    ///
    /// # Errors
    /// [`ProgramFault::Full`] beyond [`limits::PROGRAM_OCTETS`].
    pub fn to_octets(&self) -> Result<Vec<u8>, ProgramFault> {
        let body = postcard::to_stdvec(self).map_err(|_| ProgramFault::Full)?;
        let mut octets = Self::FORMAT.to_be_bytes().to_vec();
        octets.extend(body);
        if octets.len() > limits::PROGRAM_OCTETS { Err(ProgramFault::Full) } else { Ok(octets) }
    }

    /// Reads and validates what [`Self::to_octets`] wrote.
    ///
    /// # Errors
    /// Any [`ProgramFault`].
    pub fn from_octets(octets: &[u8]) -> Result<Self, ProgramFault> {
        let (head, body) = octets.split_first_chunk::<2>().ok_or(ProgramFault::Malformed)?;
        let found = u16::from_be_bytes(*head);
        if !(Self::OLDEST..=Self::FORMAT).contains(&found) {
            return Err(ProgramFault::Format { found });
        }
        if octets.len() > limits::PROGRAM_OCTETS {
            return Err(ProgramFault::Full);
        }
        let program: Self = match found {
            1 => whole::<format1::Program>(body)?.into(),
            2 => {
                let Second { name, steps } = whole(body)?;
                Self::plain(name, steps)
            }
            _ => whole(body)?,
        };
        program.validate()?;
        Ok(program)
    }
}

/// Octets that are one value and nothing else.
fn whole<T: DeserializeOwned>(octets: &[u8]) -> Result<T, ProgramFault> {
    match postcard::take_from_bytes(octets) {
        Ok((value, [])) => Ok(value),
        _ => Err(ProgramFault::Malformed),
    }
}
