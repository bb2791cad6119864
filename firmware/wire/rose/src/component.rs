//! Components: what is asked, and the three ways to answer (X.229; Q.932 8.2.3).

use heapless::VecView;

use crate::ber::{self, INTEGER, NULL, Reader, SEQUENCE, tag, within};
use crate::service::{Operation, Service};
use crate::{Octets, Profile};

/// Why something that was asked cannot be done (X.229 tables 6 to 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is not understood at all.
    General,
    /// The operation is not known here.
    UnrecognisedOperation,
    /// Its argument is wrong.
    MistypedArgument,
}

/// One component of a facility element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Component {
    /// Something is asked or told.
    Invoke {
        /// Its number, for the answer.
        id: i32,
        /// What; `None`: the operation is known, its argument wrong.
        service: Option<Service>,
    },
    /// It was done.
    Result {
        /// The number of what was asked.
        id: i32,
        /// The number that [`Service::LinkId`] asked for.
        number: Option<i32>,
    },
    /// It was not done.
    Error {
        /// The number of what was asked.
        id: i32,
        /// Why, by the local errors of EN 300 196-1.
        error: i32,
    },
    /// It was not understood.
    Reject {
        /// The number of what was asked, if that was.
        id: Option<i32>,
    },
}

/// The components of an element.
#[derive(Clone, Debug)]
pub struct Components<'a> {
    profile: Profile,
    left: Reader<'a>,
}

/// What a facility element says. `None`: it is of a profile that is not known.
#[must_use]
pub fn components(content: &[u8]) -> Option<Components<'_>> {
    let (profile, rest) = content.split_first()?;
    let profile = match profile & 0x1F {
        0x11 => Profile::Public,
        0x1F => Profile::Private,
        _ => return None,
    };
    let mut left = Reader::new(rest);
    if profile == Profile::Private {
        let _ = left.take(within(10));
        let _ = left.take(tag(18));
        let _ = left.take(tag(11));
    }
    Some(Components { profile, left })
}

impl Components<'_> {
    /// Whose operations they are.
    #[must_use]
    pub const fn profile(&self) -> Profile {
        self.profile
    }
}

impl Iterator for Components<'_> {
    type Item = Component;

    fn next(&mut self) -> Option<Component> {
        let (kind, content) = self.left.next()?;
        let mut inside = Reader::new(content);
        match kind {
            0xA1 => {
                let id = inside.number(INTEGER)?;
                // To what it belongs that was asked before.
                let _ = inside.take(tag(0));
                let operation = Operation::read(&mut inside)?;
                let argument = inside.rest();
                Some(Component::Invoke {
                    id,
                    service: Service::parse(self.profile, operation, argument),
                })
            }
            0xA2 => {
                let id = inside.number(INTEGER)?;
                let result = inside.open(SEQUENCE).and_then(|mut result| {
                    Operation::read(&mut result)?;
                    result.number(INTEGER)
                });
                Some(Component::Result { id, number: result })
            }
            0xA3 => {
                let id = inside.number(INTEGER)?;
                let error = match Operation::read(&mut inside) {
                    Some(Operation::Local(error)) => error,
                    Some(Operation::Transfer(error) | Operation::Qsig(error)) => error.into(),
                    Some(Operation::Other) | None => 0,
                };
                Some(Component::Error { id, error })
            }
            0xA4 => Some(Component::Reject { id: inside.number(INTEGER) }),
            _ => None,
        }
    }
}

fn element(
    profile: Profile,
    kind: u8,
    write: impl FnOnce(&mut VecView<u8>) -> Option<()>,
) -> Option<Octets> {
    let mut octets = Octets::new();
    let out = octets.as_mut_view();
    match profile {
        Profile::Public => out.push(0x91).ok()?,
        Profile::Private => {
            out.push(0x9F).ok()?;
            // From end to end of the private network (ECMA-165 7.1.2.2).
            ber::write(out, within(10), |out| {
                ber::write_number(out, tag(0), 0)?;
                ber::write_number(out, tag(2), 0)
            })?;
            // Whoever does not know it: leave it out.
            ber::write_number(out, tag(11), 0)?;
        }
    }
    ber::write(out, kind, write)?;
    Some(octets)
}

/// The element that asks for a service. `None`: there is no such operation to write.
#[must_use]
pub fn write_invoke(profile: Profile, id: i32, service: &Service) -> Option<Octets> {
    element(profile, 0xA1, |out| {
        ber::write_number(out, INTEGER, id)?;
        service.operation().write(out)?;
        service.write_argument(out)
    })
}

/// The element that says that it was done, with a number where one was asked for.
#[must_use]
pub fn write_result(
    profile: Profile,
    id: i32,
    of: &Service,
    number: Option<i32>,
) -> Option<Octets> {
    element(profile, 0xA2, |out| {
        ber::write_number(out, INTEGER, id)?;
        let Some(number) = number else { return Some(()) };
        ber::write(out, SEQUENCE, |out| {
            of.operation().write(out)?;
            ber::write_number(out, INTEGER, number)
        })
    })
}

/// The element that says that it was not done, by a local error of EN 300 196-1.
#[must_use]
pub fn write_error(profile: Profile, id: i32, error: i32) -> Option<Octets> {
    element(profile, 0xA3, |out| {
        ber::write_number(out, INTEGER, id)?;
        ber::write_number(out, INTEGER, error)
    })
}

/// The element that says that it was not understood.
#[must_use]
pub fn write_reject(profile: Profile, id: Option<i32>, problem: Problem) -> Option<Octets> {
    let (kind, number) = match problem {
        Problem::General => (0, 0),
        Problem::UnrecognisedOperation => (1, 1),
        Problem::MistypedArgument => (1, 2),
    };
    element(profile, 0xA4, |out| {
        match id {
            Some(id) => ber::write_number(out, INTEGER, id)?,
            None => ber::write_octets(out, NULL, &[])?,
        }
        ber::write_number(out, tag(kind), number)
    })
}
