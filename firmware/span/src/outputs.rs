//! What a line wants, until it is polled: frames stand as octets, one behind the other, so that a
//! frame of ten octets costs ten.

use std::collections::VecDeque;
use std::ops::Range;

use crate::event::Output;

/// Outputs in order. An owner that drains them after every input keeps them small.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outputs {
    queue: VecDeque<Output<Range<usize>>>,
    octets: Vec<u8>,
}

impl Outputs {
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(crate) fn put(&mut self, output: Output<&[u8]>) {
        if self.queue.is_empty() {
            self.octets.clear();
        }
        let begin = self.octets.len();
        let output = output.map(|frame| {
            self.octets.extend_from_slice(frame);
            begin..self.octets.len()
        });
        self.queue.push_back(output);
    }

    pub(crate) fn poll(&mut self) -> Option<Output<&[u8]>> {
        let output = self.queue.pop_front()?;
        Some(output.map(|place| &self.octets[place]))
    }
}
