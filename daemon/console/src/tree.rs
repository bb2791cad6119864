//! The command tree: one table from which parsing, completion and help are made.

use units::Digits;

use crate::ask::Ask;
use crate::conference::PartyDo;
use crate::texts::Language;
use crate::words::{call, channel, circuit, count, decibels, party, port, seconds, slot, span};

/// What a word of a command may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Is(&'static str),
    Number,
    Span,
    Count,
    Seconds,
    Slot,
    Circuit,
    Call,
    Flow,
    Keys,
    Channel,
    Port,
    Party,
    Decibels,
    Recording,
}

/// One command: its words, how many of them must be there, and what it does.
struct Command {
    words: &'static [Word],
    least: usize,
    about: [&'static str; 2],
    make: fn(&[&str]) -> Option<Ask>,
}

use Word::{
    Call, Channel, Circuit, Count, Decibels, Flow, Is, Keys, Number, Party, Port, Recording,
    Seconds, Slot, Span,
};

const COMMANDS: &[Command] = &[
    Command {
        words: &[Is("show"), Is("spans")],
        least: 2,
        about: ["显示 E1 的状态和计数", "the E1 spans: state and counters"],
        make: |_| Some(Ask::Spans),
    },
    Command {
        words: &[Is("show"), Is("span"), Span],
        least: 3,
        about: [
            "逐层显示一条 E1：质量、链路、时隙",
            "one E1 layer by layer: quality, data link, channels",
        ],
        make: |words| span(words[2]).map(Ask::Span),
    },
    Command {
        words: &[Is("show"), Is("channel"), Channel, Is("sound")],
        least: 4,
        about: [
            "显示一个时隙（E1/时隙，如 1/5）的声音：电平、回声、削波",
            "the sound of a channel, SPAN/SLOT such as 1/5: levels, echo, clipping",
        ],
        make: |words| channel(words[2]).map(Ask::Sound),
    },
    Command {
        words: &[Is("show"), Is("port"), Port, Is("sound")],
        least: 4,
        about: ["显示模拟端口的声音", "the same of an analog port"],
        make: |words| port(words[2]).map(Ask::Sound),
    },
    Command {
        words: &[Is("listen"), Is("channel"), Channel, Seconds],
        least: 3,
        about: [
            "把一个时隙的声音记录到 WAV 文件（默认 60 秒）",
            "write the sound of a channel to a WAV file (60 s unless said)",
        ],
        make: |words| Some(Ask::Listen(channel(words[2])?, seconds(words.get(3))?)),
    },
    Command {
        words: &[Is("listen"), Is("port"), Port, Seconds],
        least: 3,
        about: ["把模拟端口的声音记录到 WAV 文件", "the same of an analog port"],
        make: |words| Some(Ask::Listen(port(words[2])?, seconds(words.get(3))?)),
    },
    Command {
        words: &[Is("diagnose"), Is("span"), Span],
        least: 3,
        about: ["说明一条 E1 有什么问题、怎么办", "what is wrong with an E1, and what to do"],
        make: |words| span(words[2]).map(Ask::Diagnose),
    },
    Command {
        words: &[Is("diagnose"), Is("channel"), Channel],
        least: 3,
        about: [
            "说明一个时隙的声音有什么问题、怎么办（3 秒）",
            "what is wrong with the sound of a channel, and what to do (3 s)",
        ],
        make: |words| channel(words[2]).map(Ask::DiagnoseSound),
    },
    Command {
        words: &[Is("diagnose"), Is("port"), Port],
        least: 3,
        about: ["说明模拟端口的声音有什么问题", "the same of an analog port"],
        make: |words| port(words[2]).map(Ask::DiagnoseSound),
    },
    Command {
        words: &[Is("bert"), Is("span"), Span, Seconds],
        least: 3,
        about: [
            "用 O.151 图案测试 E1 的空闲时隙（默认 60 秒）",
            "test the free channels of an E1 with a bit pattern (60 s unless said)",
        ],
        make: |words| Some(Ask::Test(span(words[2])?, seconds(words.get(3))?)),
    },
    Command {
        words: &[Is("show"), Is("board")],
        least: 2,
        about: ["显示各端口及其故障", "every socket of the box: what plugs in, what is wrong"],
        make: |_| Some(Ask::Board),
    },
    Command {
        words: &[Is("show"), Is("core")],
        least: 2,
        about: ["显示核心的启动情况和通话日志", "the core: how it started, the journal of calls"],
        make: |_| Some(Ask::Core),
    },
    Command {
        words: &[Is("show"), Is("calls")],
        least: 2,
        about: ["显示正在进行的呼叫", "the calls in progress"],
        make: |_| Some(Ask::Calls),
    },
    Command {
        words: &[Is("show"), Is("conferences")],
        least: 2,
        about: ["显示各会议中的各方", "who is in which conference, and since when"],
        make: |_| Some(Ask::Conferences),
    },
    Command {
        words: &[Is("show"), Is("records"), Count],
        least: 2,
        about: ["显示最近的话单（默认 20 条）", "the newest call records (20 unless said)"],
        make: |words| Some(Ask::Records(count(words.get(2))?)),
    },
    Command {
        words: &[Is("show"), Is("records"), Is("json"), Count],
        least: 3,
        about: ["以 JSON 显示最近的话单", "the newest call records as lines of JSON"],
        make: |words| Some(Ask::RecordsJson(count(words.get(3))?)),
    },
    Command {
        words: &[Is("show"), Is("recordings"), Count],
        least: 2,
        about: ["显示最近的录音（默认 20 条）", "the newest recordings of calls"],
        make: |words| Some(Ask::Recordings(count(words.get(2))?)),
    },
    Command {
        words: &[Is("verify"), Is("recording"), Recording],
        least: 3,
        about: ["检验录音是否被改动", "whether a recording is as it was recorded"],
        make: |words| words[2].parse().ok().map(Ask::Verify),
    },
    Command {
        words: &[Is("keep"), Is("recording"), Recording],
        least: 3,
        about: ["保留一个录音，不被自动删除", "keep a recording from being erased"],
        make: |words| Some(Ask::Hold(words[2].parse().ok()?, true)),
    },
    Command {
        words: &[Is("release"), Is("recording"), Recording],
        least: 3,
        about: ["不再保留一个录音", "let a recording be erased when its time comes"],
        make: |words| Some(Ask::Hold(words[2].parse().ok()?, false)),
    },
    Command {
        words: &[Is("show"), Is("alarms")],
        least: 2,
        about: ["显示最近的告警", "the newest alarms"],
        make: |_| Some(Ask::Alarms),
    },
    Command {
        words: &[Is("show"), Is("config")],
        least: 2,
        about: ["显示生效的配置", "the configuration in force"],
        make: |_| Some(Ask::Config),
    },
    Command {
        words: &[Is("compare")],
        least: 1,
        about: ["显示 load 将要做的事", "what `load` would do"],
        make: |_| Some(Ask::Compare),
    },
    Command {
        words: &[Is("load")],
        least: 1,
        about: ["重新读取配置和流程并使其生效", "read configuration and flows, put them in force"],
        make: |_| Some(Ask::Load(false)),
    },
    Command {
        words: &[Is("load"), Is("now")],
        least: 2,
        about: ["同 load，即使会中断通话", "as `load`, even if that ends calls"],
        make: |_| Some(Ask::Load(true)),
    },
    Command {
        words: &[Is("place"), Is("test"), Is("call"), Number],
        least: 4,
        about: ["让模拟交换局拨入该号码", "ask the simulated exchange to dial this number"],
        make: |words| Digits::parse(words[3]).map(Ask::PlaceTestCall),
    },
    Command {
        words: &[Is("simulate"), Is("flow"), Flow, Keys],
        least: 3,
        about: ["不经呼叫试走一个流程", "walk through a flow without a call"],
        make: |words| {
            let keys = Digits::parse(words.get(3).unwrap_or(&""))?;
            Some(Ask::Simulate { flow: words[2].into(), keys })
        },
    },
    Command {
        words: &[Is("capture"), Is("span"), Span],
        least: 3,
        about: ["把 D 信道记录到文件", "write the D channel of a span to a file"],
        make: |words| Some(Ask::Capture(span(words[2])?, true)),
    },
    Command {
        words: &[Is("capture"), Is("span"), Span, Is("off")],
        least: 4,
        about: ["停止记录", "stop writing it"],
        make: |words| Some(Ask::Capture(span(words[2])?, false)),
    },
    Command {
        words: &[Is("block"), Is("span"), Span, Is("slot"), Slot],
        least: 5,
        about: [
            "闭塞 E1 的一个时隙：进行中的呼叫不受影响，之后不再有呼叫",
            "let no call come on a slot of an E1; one that is there goes on",
        ],
        make: |words| Some(Ask::Block(span(words[2])?, slot(words[4])?, true)),
    },
    Command {
        words: &[Is("block"), Is("span"), Span, Is("circuit"), Circuit],
        least: 5,
        about: [
            "同上，按电路号 1 至 30（跳过时隙 16）",
            "the same by the number of the circuit, 1 to 30: slot 16 is none",
        ],
        make: |words| Some(Ask::Block(span(words[2])?, circuit(words[4])?, true)),
    },
    Command {
        words: &[Is("unblock"), Is("span"), Span, Is("slot"), Slot],
        least: 5,
        about: ["解除时隙的闭塞", "let calls come on the slot again"],
        make: |words| Some(Ask::Block(span(words[2])?, slot(words[4])?, false)),
    },
    Command {
        words: &[Is("unblock"), Is("span"), Span, Is("circuit"), Circuit],
        least: 5,
        about: ["按电路号解除闭塞", "the same by the number of the circuit"],
        make: |words| Some(Ask::Block(span(words[2])?, circuit(words[4])?, false)),
    },
    Command {
        words: &[Is("upgrade"), Is("core")],
        least: 2,
        about: [
            "以新的核心程序接替当前核心，通话不中断",
            "let the core program that stands on the disk take over; calls go on",
        ],
        make: |_| Some(Ask::UpgradeCore),
    },
    Command {
        words: &[Is("trace"), Is("call"), Call],
        least: 3,
        about: [
            "逐条显示一个呼叫的信令",
            "the messages of a call, decoded, with clauses and times",
        ],
        make: |words| call(words[2]).map(Ask::Trace),
    },
    Command {
        words: &[Is("identify"), Is("call"), Call],
        least: 3,
        about: [
            "请交换局登记主叫（恶意呼叫识别）",
            "have the exchange note who calls, for the police (MCID)",
        ],
        make: |words| call(words[2]).map(Ask::Identify),
    },
    Command {
        words: &[Is("clear"), Is("call"), Call],
        least: 3,
        about: ["拆除一个呼叫", "end a call"],
        make: |words| call(words[2]).map(Ask::Clear),
    },
    Command {
        words: &[Is("conference"), Number, Is("mute"), Party],
        least: 4,
        about: [
            "会议中不再听到某一方（号码或呼叫号）",
            "a party, by its number or CALL, is heard no more",
        ],
        make: |words| at_party(words, PartyDo::Mute(true)),
    },
    Command {
        words: &[Is("conference"), Number, Is("unmute"), Party],
        least: 4,
        about: ["恢复听到某一方", "it is heard again"],
        make: |words| at_party(words, PartyDo::Mute(false)),
    },
    Command {
        words: &[Is("conference"), Number, Is("gain"), Party, Decibels],
        least: 5,
        about: ["某一方的音量，-20 至 12 dB", "how loud it is heard, -20 to 12 dB"],
        make: |words| at_party(words, PartyDo::Gain(decibels(words[4])?)),
    },
    Command {
        words: &[Is("conference"), Number, Is("drop"), Party],
        least: 4,
        about: ["请某一方离开会议", "send it out of the conference"],
        make: |words| at_party(words, PartyDo::Drop),
    },
    Command {
        words: &[Is("set"), Is("message-waiting"), Number, Is("on")],
        least: 4,
        about: [
            "话机有留言：留言灯亮，拨号音为特殊音",
            "messages wait: lamp and special dial tone",
        ],
        make: |words| Some(Ask::MessageWaiting(Digits::parse(words[2])?, true)),
    },
    Command {
        words: &[Is("set"), Is("message-waiting"), Number, Is("off")],
        least: 4,
        about: ["话机没有留言", "no messages wait for a telephone"],
        make: |words| Some(Ask::MessageWaiting(Digits::parse(words[2])?, false)),
    },
    Command {
        words: &[Is("watch"), Is("calls")],
        least: 2,
        about: ["实时显示呼叫，按回车结束", "tell calls as they happen, until Enter"],
        make: |_| Some(Ask::Watch),
    },
    Command {
        words: &[Is("help"), Is("config")],
        least: 2,
        about: ["说明配置的每个字段", "every field of the configuration"],
        make: |_| Some(Ask::HelpConfig),
    },
    Command {
        words: &[Is("help"), Is("flow")],
        least: 2,
        about: ["说明流程的步骤", "the steps of a flow and their fields"],
        make: |_| Some(Ask::HelpFlow),
    },
    Command {
        words: &[Is("help")],
        least: 1,
        about: ["显示所有命令", "all commands"],
        make: |_| Some(Ask::Help),
    },
    Command {
        words: &[Is("quit")],
        least: 1,
        about: ["离开控制台", "leave the console"],
        make: |_| Some(Ask::Quit),
    },
];

/// `conference NUMBER … PARTY …`
fn at_party(words: &[&str], what: PartyDo) -> Option<Ask> {
    Some(Ask::Party(Digits::parse(words[1])?, party(words[3])?, what))
}

impl Word {
    /// As help shows it.
    const fn shown(self) -> &'static str {
        match self {
            Is(word) => word,
            Number => "NUMBER",
            Span => "SPAN",
            Count => "[COUNT]",
            Seconds => "[SECONDS]",
            Slot => "SLOT",
            Circuit => "CIRCUIT",
            Call => "CALL",
            Flow => "FLOW",
            Keys => "[KEYS]",
            Channel => "SPAN/SLOT",
            Port => "PORT",
            Party => "PARTY",
            Decibels => "DB",
            Recording => "RECORDING",
        }
    }

    /// Whether a word that was typed may stand here; commands may be cut short.
    fn takes(self, typed: &str) -> bool {
        match self {
            Is(word) => word.starts_with(typed) && !typed.is_empty(),
            Number | Keys => Digits::parse(typed).is_some(),
            Span => span(typed).is_some(),
            Count | Recording => typed.parse::<u32>().is_ok(),
            Seconds => seconds(Some(&typed)).is_some(),
            Slot => slot(typed).is_some(),
            Circuit => circuit(typed).is_some(),
            Call => call(typed).is_some(),
            Channel => channel(typed).is_some(),
            Port => port(typed).is_some(),
            Party => party(typed).is_some(),
            Decibels => decibels(typed).is_some(),
            Flow => !typed.is_empty(),
        }
    }
}

impl Command {
    fn takes(&self, typed: &[&str]) -> bool {
        typed.len() <= self.words.len()
            && self.words.iter().zip(typed).all(|(word, typed)| word.takes(typed))
    }

    fn line(&self) -> String {
        self.words.iter().map(|word| word.shown()).collect::<Vec<_>>().join(" ")
    }
}

/// Why a line is no command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseFault {
    /// The word that is wrong, from 0; the count of words if one is missing.
    pub at: usize,
    /// What could stand there.
    pub wanted: Vec<String>,
    /// More than one command fits.
    pub ambiguous: bool,
}

/// Reads a line. An empty one is no command and no fault.
///
/// # Errors
/// The first word that is wrong, and what could stand there.
pub fn parse(line: &str) -> Result<Option<Ask>, ParseFault> {
    let typed: Vec<_> = line.split_whitespace().collect();
    if typed.is_empty() {
        return Ok(None);
    }
    if let Some(at) = (0..typed.len()).find(|at| is_ambiguous(&typed[..=*at])) {
        let wanted = candidates(&typed[..=at].join(" "), Language::En);
        let wanted = wanted.into_iter().map(|candidate| candidate.word).collect();
        return Err(ParseFault { at, wanted, ambiguous: true });
    }
    let whole: Vec<_> =
        COMMANDS.iter().filter(|c| c.takes(&typed) && typed.len() >= c.least).collect();
    // `help` is a command and the beginning of two.
    let exact = whole.iter().find(|command| command.words.len() == typed.len());
    if let Some(command) = exact.or(whole.first()).filter(|_| whole.len() == 1 || exact.is_some()) {
        let fault = ParseFault { at: typed.len(), wanted: vec![command.line()], ambiguous: false };
        return (command.make)(&typed).map(Some).ok_or(fault);
    }
    let good = (0..=typed.len()).rev().find(|n| COMMANDS.iter().any(|c| c.takes(&typed[..*n])));
    let at = good.unwrap_or(0);
    let wanted = candidates_at(&typed[..at], Language::En);
    let wanted = wanted.into_iter().map(|candidate| candidate.word).collect();
    Err(ParseFault { at, wanted, ambiguous: false })
}

/// Whether the last word typed is the beginning of several words and none of them itself.
fn is_ambiguous(typed: &[&str]) -> bool {
    let (Some(last), at) = (typed.last(), typed.len() - 1) else { return false };
    let mut words: Vec<_> = COMMANDS
        .iter()
        .filter(|command| command.takes(typed))
        .filter_map(|command| match command.words[at] {
            Is(word) => Some(word),
            Number | Span | Count | Seconds | Slot | Circuit | Call | Flow | Keys | Channel
            | Port | Party | Decibels | Recording => None,
        })
        .collect();
    words.sort_unstable();
    words.dedup();
    // `span` and `spans` are no two things to somebody who typed `sp`: what follows tells.
    let one = words.first().is_some_and(|short| words.iter().all(|word| word.starts_with(short)));
    words.len() > 1 && !words.contains(last) && !one
}

/// A word that may come next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The word, or the kind of word in capitals.
    pub word: String,
    /// Whether it is the word itself, and may be filled in.
    pub literal: bool,
    /// What the command does, if it is complete with this word.
    pub about: String,
}

fn candidates_at(before: &[&str], language: Language) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = vec![];
    for command in COMMANDS.iter().filter(|command| command.takes(before)) {
        let Some(word) = command.words.get(before.len()) else { continue };
        let last = command.words.len() == before.len() + 1;
        let about = if last { command.about[language as usize] } else { "…" };
        let candidate = Candidate {
            word: word.shown().into(),
            literal: matches!(word, Is(_)),
            about: about.into(),
        };
        if let Some(known) = found.iter_mut().find(|known| known.word == candidate.word) {
            known.about = "…".into();
        } else {
            found.push(candidate);
        }
    }
    found
}

/// What may come at the end of a line: completions of its last word, or the next words after a
/// space.
#[must_use]
pub fn candidates(line: &str, language: Language) -> Vec<Candidate> {
    let mut typed: Vec<_> = line.split_whitespace().collect();
    let last = if line.ends_with(char::is_whitespace) { None } else { typed.pop() };
    let mut found = candidates_at(&typed, language);
    if let Some(last) = last {
        found.retain(|candidate| !candidate.literal || candidate.word.starts_with(last));
    }
    found
}

/// All commands, a line each.
#[must_use]
pub fn help(language: Language) -> String {
    let width = COMMANDS.iter().map(|command| command.line().len()).max().unwrap_or(0);
    let line = |c: &Command| format!("  {:width$}  {}\n", c.line(), c.about[language as usize]);
    COMMANDS.iter().map(line).collect()
}
