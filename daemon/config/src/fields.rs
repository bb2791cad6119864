//! Every field of the configuration, described once.

use std::fmt::Write as _;

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its path; `[[table]]` fields name the table.
    pub path: &'static str,
    /// What it may be.
    pub values: &'static str,
    /// What it is if it is left out; empty if it must be there.
    pub default: &'static str,
    /// What it means, in English and in Chinese.
    pub meaning: [&'static str; 2],
}

const fn field(
    path: &'static str,
    values: &'static str,
    default: &'static str,
    meaning: [&'static str; 2],
) -> Field {
    Field { path, values, default, meaning }
}

/// All fields in the order of the document.
pub const FIELDS: &[Field] = &[
    field("box.name", "text", "", ["What people call this box.", "本机的名称。"]),
    field(
        "box.language",
        "zh | en",
        "zh",
        ["The language of the console and of alarms.", "控制台和告警所用的语言。"],
    ),
    field(
        "box.zone",
        "a name of the tz database",
        "UTC",
        [
            "The time zone by which flows tell day and time, such as Asia/Shanghai.",
            "流程播报日期和时间所用的时区，如 Asia/Shanghai。",
        ],
    ),
    field(
        "box.music",
        "names of sounds, up to 16",
        "none",
        [
            "What callers hear who wait with music, unless a jack of role music plays: files in \
             sounds/ (WAV, MP3, FLAC, Ogg Vorbis) by their names without ending, such as \
             [\"spring\"].",
            "等待的主叫听到的音乐（没有 music 角色的音频口在播放时）：sounds/ 中的文件\
             （WAV、MP3、FLAC、Ogg Vorbis），写不带扩展名的文件名，如 [\"spring\"]。",
        ],
    ),
    field(
        "recordings.keys",
        "mute | keep",
        "mute",
        [
            "Whether keys (DTMF) that are heard stand in recordings of calls. `mute`: both sides \
             are silent from 80 ms before a key is known until it is over, so that no card number \
             stands in a file. `keep`: as it was heard, where the law wants that.",
            "通话录音中是否保留按键音（DTMF）。mute：自识别按键前 80 毫秒至按键结束，双声道静音，\
             录音中不留卡号；keep：照实保留（法规要求时）。",
        ],
    ),
    field(
        "recordings.format",
        "wav | opus",
        "wav",
        [
            "What files are made of calls: `wav`, the octets of the line, 58 MB an hour; `opus`, \
             Ogg Opus, about a quarter of that and not quite as good. Both prove themselves.",
            "录音文件格式：wav 为线路原码，每小时 58 MB；opus 约为其四分之一，音质略低。两者均可自证。",
        ],
    ),
    field(
        "recordings.keep_days",
        "1 to 36500",
        "without end",
        [
            "After how many days a recording is erased, unless `keep recording` holds it. The \
             oldest are erased earlier when the disk runs short of room.",
            "录音保存多少天后删除；`keep recording` 保留的除外。磁盘空间不足时，最旧的会提前删除。",
        ],
    ),
    field(
        "recordings.most_gb",
        "1 to 1000000",
        "as the disk has room",
        [
            "How many gigabytes recordings take at most; the oldest are erased for new ones. \
             Whatever is set, a tenth of the disk or 1 GB, whichever is less, is kept free.",
            "录音最多占用多少 GB，超出时删除最旧的。无论如何设置，磁盘总保留十分之一或 1 GB（取小者）。",
        ],
    ),
    field(
        "number.called",
        "digits",
        "",
        ["A number as the exchange delivers it.", "交换局送来的被叫号码。"],
    ),
    field(
        "number.flow",
        "name",
        "a conference",
        ["The flow that answers it.", "接听该号码的流程。"],
    ),
    field(
        "number.conference",
        "digits",
        "a flow",
        ["The conference that it leads into, by its number.", "该号码所进入的会议的号码。"],
    ),
    field(
        "number.record",
        "true | false",
        "false",
        [
            "Whether calls to it are recorded once they are answered: left the caller, right what \
             the caller hears (`show recordings`).",
            "呼入该号码的通话自应答起是否录音：左声道主叫，右声道主叫所听（`show recordings`）。",
        ],
    ),
    field(
        "number.mute_keys",
        "true | false",
        "false",
        [
            "Whether keys (DTMF) that a caller presses while talking, or in a conference, are \
             heard by nobody else: 10 ms of each at most, which no receiver takes for a key. They \
             are in no recording either. Flows hear them.",
            "通话中或会议中主叫所按的键（DTMF）是否不让他人听到：每键最多漏 10 毫秒，任何接收器都不会识别；\
             录音中也没有。流程仍可收到。",
        ],
    ),
    field(
        "extension.number",
        "digits",
        "",
        ["The number of a telephone or of an audio jack.", "话机或音频接口的分机号码。"],
    ),
    field(
        "extension.telephone",
        "1 to 64",
        "a jack",
        ["The telephone port, as numbered on the case.", "机箱上的电话端口号。"],
    ),
    field(
        "extension.jack",
        "a label or `audio N`",
        "a telephone",
        [
            "The audio jack: what is printed beside it, or its number in the board file. A call to \
             it beeps and is answered by itself; a jack for music has no number.",
            "音频接口：机箱上的标签，或硬件文件中的编号。呼入时提示两声后自动应答；音乐接口没有号码。",
        ],
    ),
    field(
        "extension.calls",
        "digits",
        "no number",
        [
            "The number that the jack's button calls, a handset's or a door's.",
            "手柄或门口机的按钮所呼叫的号码。",
        ],
    ),
    field(
        "extension.hotline",
        "digits",
        "no number",
        [
            "The number that the telephone calls by itself when it is lifted.",
            "话机摘机后自动呼叫的号码（热线）。",
        ],
    ),
    field(
        "extension.hotline_after",
        "0 to 30",
        "0",
        [
            "After how many seconds without a digit it does; 0: at once, without dial tone.",
            "摘机后多少秒未拨号即呼叫热线；0 表示立即呼叫，不送拨号音。",
        ],
    ),
    field(
        "extension.reversal",
        "true or false",
        "as the country file says",
        [
            "Whether the telephone's line is reversed while somebody whom it called has answered, \
             for payphones and counters. A jack has none.",
            "被叫应答期间是否对该话机线路反极，供公用电话和计费器使用。音频接口没有此项。",
        ],
    ),
    field(
        "extension.record",
        "true | false",
        "false",
        [
            "Whether its calls are recorded while two talk, whoever called.",
            "其通话是否录音（呼入和呼出，双方通话时）。",
        ],
    ),
    field(
        "trunk.prefix",
        "digits",
        "",
        ["What a telephone dials first to call out.", "呼出时先拨的字冠。"],
    ),
    field(
        "trunk.span",
        "1 to 16, or several: [1, 2]",
        "none, if there is a line",
        [
            "The span that the call goes out on. Of several, one that is busy or dead is passed \
             over for the next.",
            "呼出所用的 E1；列出多个时，占满或故障的跳过，依次试下一个。",
        ],
    ),
    field(
        "trunk.line",
        "1 to 64, or several: [5, 6, 7]",
        "none, if there is a span",
        [
            "The exchange line that the call goes out on, by its number on the case; several as \
             for spans.",
            "呼出所用的外线，机箱上的编号；可列出多条，依次选用。",
        ],
    ),
    field(
        "trunk.reaches",
        "digits",
        "none: such calls are not answered",
        [
            "The number that calls reach which come in on the exchange line.",
            "外线呼入时接通的号码。",
        ],
    ),
    field(
        "trunk.strip",
        "0 to the prefix's length",
        "0",
        ["How many of the first digits are not sent.", "不发送的前几位数字。"],
    ),
    field(
        "trunk.at_least",
        "digits",
        "3",
        ["How many digits a number has at least, the prefix included.", "号码的最少位数，含字冠。"],
    ),
    field(
        "trunk.open",
        "true | false",
        "false",
        [
            "Whether callers from outside may use it: for a private exchange behind the box. Never \
             for a line that costs money.",
            "外线主叫是否可用：仅用于本机后面的用户小交换机，切勿用于计费线路。",
        ],
    ),
    field(
        "trunk.show",
        "digits",
        "the extension",
        ["The number shown to those called.", "向被叫显示的号码。"],
    ),
    field(
        "trunk.record",
        "true | false",
        "false",
        [
            "Whether calls over its lines are recorded, those that come in included. The law may \
             want both parties told.",
            "经其线路的通话是否录音，含呼入。是否须告知双方，以法律为准。",
        ],
    ),
    field(
        "trunk.mute_keys",
        "true | false",
        "false",
        [
            "Whether keys (DTMF) of whoever is outside on its lines are heard by nobody else while \
             two talk, whoever called; as `number.mute_keys`.",
            "经其线路通话时，外线一方所按的键（DTMF）是否不让他人听到，不论谁主叫；同 `number.mute_keys`。",
        ],
    ),
    field(
        "conference.number",
        "digits",
        "",
        [
            "The number under which several talk to each other. Telephones and flows reach it; \
             callers from outside by a `[[number]]` that names it.",
            "会议的号码：话机和流程可直接拨入；外线主叫经 `[[number]]` 进入。",
        ],
    ),
    field(
        "conference.name",
        "text",
        "none",
        ["What people call it, on the console.", "会议的名称，控制台显示。"],
    ),
    field(
        "conference.pin",
        "1 to 12 digits",
        "none",
        [
            "What two beeps ask of whoever enters. Who enters three wrong ones is released.",
            "入会密码，以两声提示音要求输入；三次输错即拆线。",
        ],
    ),
    field(
        "conference.most",
        "3 to 64",
        "64",
        [
            "How many may be in it. Who comes then hears busy tone.",
            "最多可参加的方数；满员后来者听忙音。",
        ],
    ),
    field(
        "conference.tones",
        "true | false",
        "true",
        [
            "Whether a short tone tells that somebody came or went.",
            "有人进入或离开时是否送提示音。",
        ],
    ),
    field(
        "span.number",
        "1 to 16",
        "",
        ["A span with a D channel, as numbered on the case.", "带 D 信道的 E1，机箱上的编号。"],
    ),
    field(
        "span.side",
        "user | network",
        "user",
        [
            "Which side of the interface the box is: user towards an exchange, network towards a \
             private exchange. Another side ends the calls of the span; `load` says so first.",
            "本机在接口的哪一侧：对交换局为 user，对用户小交换机为 network。更改会中断该 E1 的通话，\
             `load` 会先提示。",
        ],
    ),
    field(
        "span.channels",
        "slots, as in \"1-15, 17-31\"",
        "all",
        [
            "The channels that carry calls. One that is taken out keeps the call that it has.",
            "承载呼叫的时隙。停用的时隙保留正在进行的呼叫。",
        ],
    ),
    field(
        "span.hunt",
        "up | down",
        "down as user, up as network",
        ["Which free channel a call that goes out takes first.", "呼出时先占用哪一端的空闲时隙。"],
    ),
    field(
        "span.numbers",
        "unknown | international | national | subscriber",
        "unknown",
        ["What the numbers that the box sends are said to be.", "本机发送号码的类型。"],
    ),
    field(
        "span.callers",
        "outside | inside",
        "outside",
        [
            "Whose the callers of the span are. `inside`, for a private exchange behind the box, \
             lets them reach telephones and call out by trunks.",
            "该 E1 的主叫属于哪一方。本机后面的用户小交换机设为 inside：可呼叫话机并经中继呼出。",
        ],
    ),
    field(
        "span.overlap",
        "true | false",
        "false",
        [
            "Whether numbers go digit by digit (overlap). Out: placed with `at_least` digits, the \
             others follow. In: one that leads out by a trunk is awaited until it is whole.",
            "号码是否逐位传送（重叠发码）。呼出：满 `at_least` 位即送出，其余随后发送；呼入：经中继\
             呼出的号码等收齐后再送。",
        ],
    ),
    field(
        "span.switch",
        "etsi | qsig",
        "etsi",
        [
            "What kind of exchange the far end is. `qsig`, for one of a private network, sends and \
             takes names.",
            "对端交换机的类型。专用网交换机用 qsig：可收发姓名。",
        ],
    ),
    field(
        "span.deflect",
        "true | false",
        "false",
        [
            "Whether the exchange sends callers on who lead out again on this span before they \
             are answered (call deflection): no channel is kept. The exchange must offer it; if \
             it refuses, the box connects them.",
            "未应答的来话又从本 E1 转出时，是否由交换局改发（呼叫偏转），不占信道。须由交换局开通；\
             交换局拒绝时由本机接续。",
        ],
    ),
    field(
        "span.transfer",
        "true | false",
        "false",
        [
            "Whether the exchange joins two calls of this span that talk to each other (explicit \
             call transfer): both channels become free. The exchange must offer it.",
            "本 E1 上互相接通的两个呼叫是否由交换局直接接续（显式呼叫转移），释放两条信道。\
             须由交换局开通。",
        ],
    ),
    field(
        "span.timers",
        "t200, t203, t301 to t306, t308 to t310, t313, t316, t317, t321, t322",
        "as in Q.921 and Q.931",
        [
            "Timers in seconds, from 0.2 to 600: `timers = { t309 = 6 }`.",
            "定时器（秒），0.2 至 600：`timers = { t309 = 6 }`。",
        ],
    ),
    field(
        "line.line",
        "1 to 64",
        "",
        ["An exchange line, by its number on the case.", "外线，机箱上的编号。"],
    ),
    field(
        "line.answer",
        "sent | reversal",
        "sent",
        [
            "When a call that goes out counts as answered: as soon as its number was sent, or when \
             the exchange reverses the line, which it then does on release too.",
            "呼出何时算作应答：号码发完即算（sent），或以交换局反极为准（reversal，挂机时同样反极）。",
        ],
    ),
    field(
        "line.dial",
        "tone | pulse",
        "tone",
        ["How the number is sent: in tones or in pulses.", "发号方式：双音频或脉冲。"],
    ),
    field(
        "line.wait_dial_tone",
        "true | false",
        "false",
        [
            "Whether a call fails if dial tone does not come. Otherwise the number is sent after \
             five seconds all the same.",
            "没有拨号音时呼叫是否失败；否则五秒后照样发号。",
        ],
    ),
];

/// The reference of all fields as a Markdown table.
#[must_use]
pub fn reference() -> String {
    let mut text =
        String::from("| field | values | default | meaning | 含义 |\n|---|---|---|---|---|\n");
    for Field { path, values, default, meaning: [en, zh] } in FIELDS {
        let default = if default.is_empty() { "(must be given)" } else { default };
        let values = values.replace('|', "or");
        let _ = writeln!(text, "| `{path}` | {values} | {default} | {en} | {zh} |");
    }
    text
}
