//! What has to be done so that the core does what the documents say: a value that can be shown
//! before it is carried out.

use link::Kind;
use units::ContentHash;

/// What is wanted: the table, and the programs that it names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The hash of the table.
    pub table: Option<ContentHash>,
    /// Each document under its hash, programs before the table.
    pub documents: Vec<(Kind, ContentHash, Vec<u8>)>,
}

/// What the core has said of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Actual {
    /// The table in force.
    pub table: Option<ContentHash>,
    /// The generation of the plan that put it there.
    pub generation: u64,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Hand a document to the core, which keeps it.
    Publish(Kind, ContentHash, Vec<u8>),
    /// Put a table in force.
    Apply {
        /// The table.
        table: ContentHash,
    },
}

impl Step {
    /// The step in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Publish(Kind::Program, hash, octets) => {
                format!("publish flow {hash:?} ({} octets)", octets.len())
            }
            Self::Publish(Kind::Table, hash, octets) => {
                format!("publish directory {hash:?} ({} octets)", octets.len())
            }
            Self::Apply { table } => format!("put directory {table:?} in force"),
        }
    }
}

/// The steps from what is to what is wanted; none if they are the same.
#[must_use]
pub fn plan(wanted: &Wanted, actual: &Actual) -> Vec<Step> {
    let Some(table) = wanted.table.filter(|table| actual.table != Some(*table)) else {
        return vec![];
    };
    let publish = |(kind, hash, octets): &(Kind, ContentHash, Vec<u8>)| {
        Step::Publish(*kind, *hash, octets.clone())
    };
    let mut steps: Vec<_> = wanted.documents.iter().map(publish).collect();
    steps.push(Step::Apply { table });
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_that_has_the_table_is_left_alone() {
        let table = Some(ContentHash([1; 32]));
        let wanted = Wanted { table, documents: vec![] };
        assert!(plan(&wanted, &Actual { table, generation: 3 }).is_empty());
    }

    #[test]
    fn documents_are_published_before_the_table_is_put_in_force() {
        let (flow, table) = (ContentHash([2; 32]), ContentHash([1; 32]));
        let documents = vec![(Kind::Program, flow, vec![7]), (Kind::Table, table, vec![8])];
        let wanted = Wanted { table: Some(table), documents };
        let steps = plan(&wanted, &Actual::default());
        assert!(matches!(
            steps[..],
            [Step::Publish(Kind::Program, ..), Step::Publish(Kind::Table, ..), Step::Apply { .. }]
        ));
    }
}
