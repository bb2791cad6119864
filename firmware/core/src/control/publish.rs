//! Putting a published table in force: the table, its programs, their prompts, all there before
//! the first caller is routed by it. Until then the table before stays.

use std::collections::BTreeSet;
use std::sync::Arc;

use call::{Call, Directory, Target};
use engine::Clip;
use ivr::Program;
use link::{Alarm, Detail, Outcome, Up};
use units::{ContentHash, Instant};

use super::{Control, Said};
use crate::task::{Current, PromptFault, Task};

/// A table on its way into force.
#[derive(Debug)]
pub(super) struct Pending {
    /// Whom to answer; nobody when the core starts.
    token: Option<u32>,
    current: Current,
    directory: Option<Directory>,
    programs: BTreeSet<ContentHash>,
    prompts: BTreeSet<ContentHash>,
}

impl Control {
    /// Begins to put a table in force.
    pub(super) fn apply(&mut self, token: Option<u32>, current: Current) {
        if let Some(Pending { token: Some(before), .. }) = self.pending.take() {
            self.up(Up::Done { token: before, outcome: Outcome::Stale });
        }
        self.pending = Some(Pending {
            token,
            current,
            directory: None,
            programs: BTreeSet::new(),
            prompts: BTreeSet::new(),
        });
        self.said.push_back(Said::Task(Task::Fetch(current.table)));
    }

    fn refuse(&mut self, now: Instant, hash: ContentHash, outcome: Outcome) {
        let Some(pending) = self.pending.take() else { return };
        match pending.token {
            Some(token) => self.up(Up::Done { token, outcome }),
            None => self.event(now, Detail::Alarm(Alarm::ProgramMissing(hash))),
        }
    }

    /// The disk brought a document, or did not.
    pub(super) fn fetched(&mut self, now: Instant, hash: ContentHash, octets: Option<Vec<u8>>) {
        let Some(pending) = &mut self.pending else { return };
        if hash == pending.current.table && pending.directory.is_none() {
            return self.table_fetched(now, hash, octets);
        }
        if !pending.programs.remove(&hash) {
            return;
        }
        let Some(octets) = octets else { return self.refuse(now, hash, Outcome::NotFound) };
        let Ok(program) = Program::from_octets(&octets) else {
            return self.refuse(now, hash, Outcome::Refused);
        };
        self.programs.insert(hash, Arc::new(program));
        self.want_prompts(hash);
        self.perhaps_in_force();
    }

    fn table_fetched(&mut self, now: Instant, hash: ContentHash, octets: Option<Vec<u8>>) {
        let Some(octets) = octets else { return self.refuse(now, hash, Outcome::NotFound) };
        let Ok(mut directory) = Directory::from_octets(&octets) else {
            return self.refuse(now, hash, Outcome::Refused);
        };
        if !self.resolve(&mut directory) {
            return self.refuse(now, hash, Outcome::Refused);
        }
        let unknown = directory.entries.iter().any(|entry| match &entry.target {
            Target::Telephone(line) | Target::Trunk { line, .. } => !self.lines.contains_key(line),
            // A jack of music makes no line.
            Target::Jack { jack, .. } => {
                jack.line().is_none_or(|line| !self.lines.contains_key(&line))
            }
            Target::Flow(_) => false,
        });
        if unknown {
            return self.refuse(now, hash, Outcome::Refused);
        }
        let flows: BTreeSet<_> = directory.flows().collect();
        let Some(pending) = &mut self.pending else { return };
        pending.directory = Some(directory);
        for flow in flows {
            if self.programs.contains_key(&flow) {
                self.want_prompts(flow);
            } else {
                if let Some(pending) = &mut self.pending {
                    pending.programs.insert(flow);
                }
                self.said.push_back(Said::Task(Task::Fetch(flow)));
            }
        }
        self.perhaps_in_force();
    }

    /// Asks for the prompts of a program that are not in memory. One that was missing is tried
    /// again: its file may be there now.
    fn want_prompts(&mut self, flow: ContentHash) {
        let Some(program) = self.programs.get(&flow).cloned() else { return };
        let Some(pending) = &mut self.pending else { return };
        for hash in program.steps.iter().flat_map(ivr::Step::prompts) {
            let there = matches!(self.prompts.get(hash), Some(Ok(_)));
            if !there && pending.prompts.insert(*hash) {
                self.said.push_back(Said::Task(Task::LoadPrompt(*hash)));
            }
        }
    }

    /// The disk brought a prompt, or did not: then its callers hear nothing there, and go on.
    pub(super) fn prompt_loaded(
        &mut self,
        now: Instant,
        hash: ContentHash,
        clip: Result<Clip, PromptFault>,
    ) {
        match clip {
            Ok(_) => {}
            Err(PromptFault::Missing) => {
                self.event(now, Detail::Alarm(Alarm::PromptMissing(hash)));
            }
            Err(PromptFault::Full) => {
                self.event(now, Detail::Alarm(Alarm::PromptMemoryFull(hash)));
            }
        }
        self.prompts.insert(hash, clip);
        if let Some(pending) = &mut self.pending {
            pending.prompts.remove(&hash);
        }
        self.perhaps_in_force();
    }

    fn perhaps_in_force(&mut self) {
        let ready = self.pending.take_if(|pending| {
            pending.directory.is_some() && pending.programs.is_empty() && pending.prompts.is_empty()
        });
        let Some(Pending { token, current, directory: Some(directory), .. }) = ready else {
            return;
        };
        let mut used: BTreeSet<_> = directory.flows().collect();
        used.extend(self.calls.values().filter_map(Call::flow));
        self.programs.retain(|hash, _| used.contains(hash));
        self.directory = directory;
        self.current = Some(current);
        if let Some(token) = token {
            self.said.push_back(Said::Task(Task::SetCurrent(current)));
            self.up(Up::Done { token, outcome: Outcome::Done });
        }
    }
}
