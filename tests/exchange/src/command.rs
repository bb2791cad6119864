//! What a tester may say, one JSON object a line.

use std::path::PathBuf;

use serde::Deserialize;

/// Signals of a conversation: noises by their seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Talk {
    /// Seed of what this end sends.
    pub send: u64,
    /// Seed of what it must hear.
    pub expect: u64,
    /// In a script: how long the step lasts.
    pub ms: Option<u64>,
    /// Once it is heard, so many milliseconds are compared octet by octet.
    pub exact_ms: Option<u64>,
    /// When it stops and comes back is told, on a line that changes no octet.
    #[serde(default)]
    pub gaps: bool,
    /// In a script: this key is pressed every [`AGAIN_US`] until the other is heard.
    pub press: Option<char>,
}

/// How long a caller waits for the other before the key is pressed again, in microseconds: longer
/// than a menu takes to ring a telephone that answers soon.
pub const AGAIN_US: u64 = 6_000_000;

/// What a script waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// CALL PROCEEDING, or anything later.
    Proceeding,
    /// ALERTING, or the answer.
    Alerting,
    /// CONNECT.
    Answer,
    /// The end of the call, by the box.
    Release,
}

/// One step of a caller.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Step {
    /// Waits for a stage of the call.
    Wait {
        /// Which.
        wait: Stage,
        /// At most so long.
        ms: u64,
    },
    /// Waits for the first second of a headerless A-law file.
    Hear {
        /// The file.
        hear: PathBuf,
        /// At most so long.
        ms: u64,
        /// Octet by octet, on a line that changes none.
        #[serde(default)]
        exact: bool,
        /// So, and all of it to its end.
        #[serde(default)]
        whole: bool,
    },
    /// Sends DTMF digits, 80 ms on, 80 ms off.
    Digits {
        /// The digits.
        digits: String,
    },
    /// Waits.
    Pause {
        /// So long.
        pause_ms: u64,
    },
    /// Talks for `ms` (3000 unless said) and must hear the other end in that time; goes on
    /// sending in the steps that follow.
    Talk {
        /// The signals.
        talk: Talk,
    },
    /// Waits for the end of the call by the box.
    Await {
        /// Always the release.
        #[serde(rename = "await")]
        what: Stage,
        /// At most so long.
        ms: u64,
    },
    /// Hangs up with a cause.
    Hangup {
        /// The cause.
        hangup: u8,
    },
}

/// What the exchange does to the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// A cut cable: no pulses either way.
    Los,
    /// All ones.
    Ais,
    /// The remote alarm.
    Rai,
    /// Each bit is wrong with probability `rate` (0.001).
    BitErrors,
    /// Each block of 2 ms is lost with probability `rate` (0.1).
    LoseBlocks,
    /// One frame too many each ten blocks; one too few with a negative `rate`.
    Slip,
    /// Slot 16 is at rest: nothing but ones.
    Idle,
    /// Nothing but frames that are broken off on slot 16.
    Aborts,
    /// All slots come back as they were sent, as by a plug in the socket.
    Loop,
    /// Frames of random content with good FCS, and random bits, on the D channel.
    Garbage,
    /// R2: bits that come are not looked at.
    Deaf,
}

/// How an exchange tells its subscriber who calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// In a message behind the first ring.
    #[default]
    Message,
    /// In digits before it.
    Keys,
    /// Not at all.
    Nothing,
}

/// How an exchange tells its subscriber that the other one has hung up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// By busy tone.
    #[default]
    Busy,
    /// By turning the polarity.
    Reversal,
    /// By opening the loop.
    Open,
}

/// A command.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "cmd", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Places a call to the box.
    Call {
        /// Its name in events.
        id: String,
        /// The number dialled.
        called: String,
        /// The number of the caller.
        calling: String,
        /// What the caller says to the called one (user-user).
        #[serde(default)]
        user: String,
        /// The caller's name, in a private network.
        #[serde(default)]
        name: String,
        /// The slot; the lowest free one unless said.
        slot: Option<u8>,
        /// What the caller does.
        script: Vec<Step>,
    },
    /// Ends the talk of a call: its script goes on.
    Finish {
        /// The call.
        id: String,
    },
    /// How a telephone treats ringing from now on.
    Telephone {
        /// Its port, counted from 1.
        port: usize,
        /// Milliseconds from the first ring to the answer.
        #[serde(default)]
        answer_after_ms: u64,
        /// What it does when answered.
        talk: Option<Talk>,
        /// Milliseconds from the answer to the end; without it the other side ends.
        hangup_after_ms: Option<u64>,
        /// How long it bears silence where the other side was heard before; 1000 unless said.
        #[serde(default = "second")]
        patience_ms: u64,
        /// Lets it ring.
        #[serde(default)]
        never: bool,
        /// Its handset lies beside it.
        #[serde(default)]
        busy: bool,
        /// What it hears comes back, weaker by so many dB, while it is off hook.
        hybrid_db: Option<u8>,
    },
    /// Lifts a handset, waits for dial tone, dials.
    Lift {
        /// Port.
        port: usize,
        /// The digits.
        digits: String,
        /// What it does from then on.
        talk: Option<Talk>,
    },
    /// Puts a handset down.
    HangUp {
        /// Port.
        port: usize,
    },
    /// Somebody calls the box on an exchange line.
    LineCall {
        /// Which, counted from 1.
        line: usize,
        /// The caller's number; empty: withheld.
        calling: String,
        /// How the box is told.
        #[serde(default)]
        shown: Shown,
    },
    /// What becomes of calls on an exchange line from now on.
    Line {
        /// Which.
        line: usize,
        /// Milliseconds from the number to the answer of whom the box calls; without, nobody does.
        answer_after_ms: Option<u64>,
        /// What the far party says and expects.
        talk: Option<Talk>,
        /// Milliseconds from the answer until the far party hangs up.
        hangup_after_ms: Option<u64>,
        /// The line is reversed while a called one has answered.
        #[serde(default)]
        reversal: bool,
        /// How the end is told.
        #[serde(default)]
        end: End,
        /// Milliseconds of ringing until a caller gives up.
        #[serde(default = "minute")]
        give_up_ms: u64,
    },
    /// How the exchange treats calls that the box places.
    Incoming {
        /// Milliseconds from SETUP to CONNECT; without it nobody answers.
        answer_after_ms: Option<u64>,
        /// Whether ALERTING is sent.
        #[serde(default = "yes")]
        alerting: bool,
        /// Refuses with this cause.
        cause: Option<u8>,
        /// What the called party does when it has answered.
        talk: Option<Talk>,
        /// The last three digits of the number called are added to both seeds.
        #[serde(default)]
        by_number: bool,
        /// The name of whoever answers, in a private network.
        #[serde(default)]
        name: String,
    },
    /// Tells what a call costs, in units or in hundredths of a currency.
    Charge {
        /// The call.
        id: String,
        /// How much.
        count: u32,
        /// Of what; units unless said.
        #[serde(default)]
        currency: String,
        /// For each so many seconds that begin: a tariff, not a cost.
        #[serde(default)]
        each_s: u16,
        /// With the end of the call, which then comes.
        #[serde(default)]
        last: bool,
    },
    /// Notifies the box of something in a call.
    Notify {
        /// The call.
        id: String,
        /// What, as Q.931 4.5.22 numbers it.
        what: u8,
    },
    /// Whether the exchange does more than basic calls when it is asked.
    Services {
        /// It does.
        offered: bool,
    },
    /// Disturbs the line for a time.
    Fault {
        /// How.
        kind: FaultKind,
        /// How long.
        ms: u64,
        /// How much, see the kind.
        rate: Option<f64>,
        /// Which span of a group, from 0.
        #[serde(default)]
        of: usize,
    },
    /// Sends RESTART for a slot.
    RestartChannel {
        /// Which.
        slot: u8,
    },
    /// R2: lets no call come on the circuit of a slot, or lets them come again.
    Block {
        /// Which; 0: all.
        slot: u8,
        /// Blocked.
        on: bool,
    },
    /// R2: sends units of charge for every call of the box that is answered.
    Meter {
        /// How many.
        pulses: u32,
        /// From one to the next, 300 at least.
        every_ms: u64,
    },
    /// R2: what kind of callers the calls from now on are of.
    Category {
        /// `ordinary`, `priority`, `maintenance`, `operator`, `data`, `payphone`, `test`.
        is: String,
    },
    /// Takes all telephones off their ports, or puts them back: time passes faster without them.
    Telephones {
        /// Whether they are there.
        there: bool,
    },
    /// Asks for an event `status`.
    Status,
    /// Ends the program.
    Quit,
}

const fn second() -> u64 {
    1000
}

const fn minute() -> u64 {
    60_000
}

const fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_reads_as_it_is_documented() {
        let line = r#"{"cmd":"call","id":"a1","called":"95588","calling":"01088886666","script":[
            {"wait":"answer","ms":5000},{"hear":"/tmp/x.al","ms":3000},{"digits":"1"},
            {"pause_ms":100},{"talk":{"send":1,"expect":2,"ms":3000}},
            {"await":"release","ms":1000},{"hangup":16}]}"#;
        let Command::Call { script, .. } = serde_json::from_str(line).unwrap() else { panic!() };
        assert_eq!(script[0], Step::Wait { wait: Stage::Answer, ms: 5000 });
        assert_eq!(
            script[4],
            Step::Talk {
                talk: Talk {
                    send: 1,
                    expect: 2,
                    ms: Some(3000),
                    exact_ms: None,
                    gaps: false,
                    press: None,
                }
            }
        );
        assert_eq!(script[5], Step::Await { what: Stage::Release, ms: 1000 });
        assert_eq!(script[6], Step::Hangup { hangup: 16 });
    }

    #[test]
    fn every_command_of_the_manual_reads() {
        for line in crate::city::HELP.lines().map(str::trim).filter(|l| l.starts_with("{\"cmd\"")) {
            serde_json::from_str::<Command>(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        }
        assert!(serde_json::from_str::<Command>(r#"{"cmd":"dance"}"#).is_err());
        assert!(
            serde_json::from_str::<Command>(r#"{"cmd":"restart_channel","slot":1,"loud":1}"#)
                .is_err()
        );
    }
}
