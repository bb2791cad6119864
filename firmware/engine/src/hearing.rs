//! Who or what is there at a port: fax machines, modems, announcements, speech, and whether a
//! person or a machine answered.

use dsp_answer::{Event, Receiver};
use dsp_voice::{Activity, Judge, Kind, Music, Verdict};
use units::{Finding, Findings, LinearBlock};

/// Listens to one port while somebody uses it for voice.
#[derive(Debug, Default)]
pub(crate) struct Hearing {
    in_call: bool,
    answer: Receiver,
    activity: Activity,
    music: Music,
    /// From the answer on.
    judge: Option<Judge>,
    found: Findings,
}

impl Hearing {
    /// Nobody uses the port: the next call begins with nothing.
    pub(crate) fn rest(&mut self) {
        if self.in_call {
            *self = Self::default();
        }
    }

    /// The port has just answered.
    pub(crate) fn judge(&mut self) {
        self.judge = Some(Judge::new());
    }

    /// Takes what came in this tick; what is new of it.
    pub(crate) fn push(&mut self, block: &LinearBlock) -> Option<Finding> {
        self.in_call = true;
        self.activity.push(&block.samples);
        let verdict = self.judge.as_mut().and_then(|judge| judge.push(&block.samples));
        let machine = self.answer.push(&block.samples).map(of_machine);
        let kind = self.music.push(&block.samples);
        let music = (kind == Some(Kind::Music)).then_some(Finding::Music);
        // A tone of a machine is a beep to the judge, too; the one that knows more is told.
        let finding = machine.or(verdict.map(of_verdict)).or(music);
        finding.filter(|finding| self.found.insert(*finding))
    }

    /// All that was found in this call.
    pub(crate) const fn found(&self) -> Findings {
        self.found
    }

    /// Whether somebody speaks.
    pub(crate) const fn speaks(&self) -> bool {
        self.in_call && self.activity.speaks()
    }
}

const fn of_machine(event: Event) -> Finding {
    match event {
        Event::Fax => Finding::FaxCalls,
        Event::Modem => Finding::ModemCalls,
        Event::Answer { reversals: false, modulated: false } => Finding::FaxAnswers,
        Event::Answer { .. } => Finding::ModemAnswers,
        Event::Preamble => Finding::FaxTalks,
        Event::Special => Finding::Announcement,
    }
}

const fn of_verdict(verdict: Verdict) -> Finding {
    match verdict {
        Verdict::Person => Finding::Person,
        Verdict::Machine => Finding::Machine,
        Verdict::Recording => Finding::Recording,
        Verdict::Nobody => Finding::Nobody,
    }
}
