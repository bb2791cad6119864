//! Putting a published table in force: the table, its programs, their prompts, all there before
//! the first caller is routed by it. Until then the table before stays.

use std::collections::BTreeSet;
use std::sync::Arc;

use board::Layout;
use call::{Call, Directory, Target};
use engine::Clip;
use ivr::Program;
use link::{Alarm, Detail, Outcome, Up};
use span::Line;
use units::{ContentHash, Instant, LineId};

use super::{Control, Said};
use crate::task::{Current, PromptFault, Task};

/// A table on its way into force.
#[derive(Debug)]
pub(super) struct Pending {
    /// Whom to answer.
    token: u32,
    current: Current,
    directory: Option<Directory>,
    programs: BTreeSet<ContentHash>,
    prompts: BTreeSet<ContentHash>,
}

impl Control {
    /// Begins to put a table in force.
    pub(super) fn apply(&mut self, token: u32, current: Current) {
        if let Some(Pending { token: before, .. }) = self.pending.take() {
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

    /// Puts the table of the start in force at once, with all its programs; prompts follow. The
    /// programs of calls that go on are brought too.
    pub(super) fn load(
        &mut self,
        now: Instant,
        current: Option<Current>,
        fetch: &mut dyn FnMut(ContentHash) -> Option<Vec<u8>>,
    ) {
        let Some(current) = current else { return };
        let directory = fetch(current.table).and_then(|octets| self.readable(&octets));
        let of_table: BTreeSet<_> = directory.iter().flat_map(Directory::flows).collect();
        let of_calls = self.calls.values().filter_map(Call::flow);
        let all: BTreeSet<_> = of_table.iter().copied().chain(of_calls).collect();
        let mut missing = directory.is_none().then_some(current.table);
        for flow in all {
            let program = fetch(flow).and_then(|octets| Program::from_octets(&octets).ok());
            match program {
                Some(program) => self.loaded(flow, program),
                None if of_table.contains(&flow) => missing = Some(flow),
                // Only the calls that are in it cannot go on there.
                None => self.event(now, Detail::Alarm(Alarm::ProgramMissing(flow))),
            }
        }
        match (missing, directory) {
            (None, Some(directory)) => {
                self.bring(directory.music.iter());
                self.directory = directory;
                self.current = Some(current);
                self.settle_lines(now);
            }
            (missing, _) => {
                let hash = missing.unwrap_or(current.table);
                self.event(now, Detail::Alarm(Alarm::ProgramMissing(hash)));
            }
        }
    }

    fn loaded(&mut self, flow: ContentHash, program: Program) {
        self.bring(program.prompts());
        self.programs.insert(flow, Arc::new(program));
    }

    /// Has prompts brought into memory at the start.
    fn bring<'a>(&mut self, prompts: impl Iterator<Item = &'a ContentHash>) {
        for hash in prompts {
            if self.loading.insert(*hash) {
                self.said.push_back(Said::Task(Task::LoadPrompt(*hash)));
            }
        }
    }

    /// A table whose lines are all there.
    fn readable(&self, octets: &[u8]) -> Option<Directory> {
        let mut directory = Directory::from_octets(octets).ok()?;
        let known = self.resolve(&mut directory)
            && directory.entries.iter().all(|entry| match &entry.target {
                Target::Telephone(line)
                | Target::Trunk { line, .. }
                | Target::Reached { line, .. } => self.lines.contains_key(line),
                Target::Trunks { lines, .. } => {
                    lines.iter().all(|line| self.lines.contains_key(line))
                }
                // A jack of music makes no line.
                Target::Jack { jack, .. } => {
                    jack.line().is_some_and(|line| self.lines.contains_key(&line))
                }
                Target::Flow(_) | Target::Conference(_) => true,
            })
            && directory
                .accesses
                .iter()
                .all(|(line, _)| matches!(self.lines.get(&self.leader(*line)), Some(Line::Pri(_))))
            && directory
                .lines
                .iter()
                .all(|(line, _)| matches!(self.lines.get(line), Some(Line::Trunk(_))))
            && directory
                .extensions
                .iter()
                .all(|(line, _)| matches!(self.lines.get(line), Some(Line::Telephone(_))));
        known.then_some(directory)
    }

    fn refuse(&mut self, outcome: Outcome) {
        if let Some(Pending { token, .. }) = self.pending.take() {
            self.up(Up::Done { token, outcome });
        }
    }

    /// The disk brought a document, or did not.
    pub(super) fn fetched(&mut self, now: Instant, hash: ContentHash, octets: Option<Vec<u8>>) {
        let Some(pending) = &mut self.pending else { return };
        if hash == pending.current.table && pending.directory.is_none() {
            return self.table_fetched(now, octets);
        }
        if !pending.programs.remove(&hash) {
            return;
        }
        let Some(octets) = octets else { return self.refuse(Outcome::NotFound) };
        let Ok(program) = Program::from_octets(&octets) else {
            return self.refuse(Outcome::Refused);
        };
        let program = Arc::new(program);
        self.want(program.prompts());
        self.programs.insert(hash, program);
        self.perhaps_in_force(now);
    }

    fn table_fetched(&mut self, now: Instant, octets: Option<Vec<u8>>) {
        let Some(octets) = octets else { return self.refuse(Outcome::NotFound) };
        let Some(directory) = self.readable(&octets) else {
            return self.refuse(Outcome::Refused);
        };
        let flows: BTreeSet<_> = directory.flows().collect();
        let music = directory.music.clone();
        let Some(pending) = &mut self.pending else { return };
        pending.directory = Some(directory);
        self.want(music.iter());
        for flow in flows {
            if let Some(program) = self.programs.get(&flow).cloned() {
                self.want(program.prompts());
            } else {
                if let Some(pending) = &mut self.pending {
                    pending.programs.insert(flow);
                }
                self.said.push_back(Said::Task(Task::Fetch(flow)));
            }
        }
        self.perhaps_in_force(now);
    }

    /// Asks for prompts that are not in memory. One that was missing is tried again: its file may
    /// be there now.
    fn want<'a>(&mut self, prompts: impl Iterator<Item = &'a ContentHash>) {
        let Some(pending) = &mut self.pending else { return };
        for hash in prompts {
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
        if self.loading.remove(&hash) {
            self.play_delayed();
        }
        if let Some(pending) = &mut self.pending {
            pending.prompts.remove(&hash);
        }
        self.perhaps_in_force(now);
    }

    /// Gives every primary access, exchange line and telephone what the directory decides of it.
    fn settle_lines(&mut self, now: Instant) {
        for id in self.lines.keys().copied().collect::<Vec<_>>() {
            let Some(line) = self.lines.get_mut(&id) else { continue };
            line.decide(&self.directory.exchange_line(id));
            line.extend(now, &self.directory.extension(id));
            if line.configure(now, &self.directory.access(id)) {
                allow(line, id, &self.layout, &self.directory);
                self.drain_line(now, id);
            }
        }
    }

    /// The line of a span's number in the table: a span of a group is no line of its own.
    pub(super) fn leader(&self, line: LineId) -> LineId {
        line.span().map_or(line, |span| self.layout.line_of(span).0)
    }

    /// What the table of the start decides of lines, before calls go on there.
    pub(super) fn settle_early(
        &mut self,
        now: Instant,
        current: Option<Current>,
        fetch: &mut dyn FnMut(ContentHash) -> Option<Vec<u8>>,
    ) {
        let table = current.and_then(|current| fetch(current.table));
        let Some(Ok(table)) = table.map(|octets| Directory::from_octets(&octets)) else { return };
        for (id, line) in &mut self.lines {
            if line.configure(now, &table.access(*id)) {
                allow(line, *id, &self.layout, &table);
            }
            line.decide(&table.exchange_line(*id));
            line.extend(now, &table.extension(*id));
        }
    }

    fn perhaps_in_force(&mut self, now: Instant) {
        let ready = self.pending.take_if(|pending| {
            pending.directory.is_some() && pending.programs.is_empty() && pending.prompts.is_empty()
        });
        let Some(Pending { token, current, directory: Some(directory), .. }) = ready else {
            return;
        };
        let mut used: BTreeSet<_> = directory.flows().collect();
        used.extend(self.calls.values().filter_map(Call::flow));
        self.programs.retain(|hash, _| used.contains(hash));
        let other_music = self.directory.music != directory.music;
        self.directory = directory;
        self.current = Some(current);
        self.settle_lines(now);
        if other_music {
            self.other_music();
        }
        self.said.push_back(Said::Task(Task::SetCurrent(current)));
        self.up(Up::Done { token, outcome: Outcome::Done });
    }
}

/// Which channels of the other spans of a group carry calls.
fn allow(line: &mut Line, id: LineId, layout: &Layout, table: &Directory) {
    let Line::Pri(group) = line else { return };
    for of_group in layout.groups.iter().filter(|group| group.line() == id) {
        for (of, (span, _)) in (0..).zip(&of_group.spans).skip(1) {
            group.allow(of, table.access(LineId::of_span(*span)).channels);
        }
    }
}
