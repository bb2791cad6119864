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
        "number.called",
        "digits",
        "",
        ["A number as the exchange delivers it.", "交换局送来的被叫号码。"],
    ),
    field("number.flow", "name", "", ["The flow that answers it.", "接听该号码的流程。"]),
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
        "trunk.prefix",
        "digits",
        "",
        ["What a telephone dials first to call out.", "呼出时先拨的字冠。"],
    ),
    field(
        "trunk.span",
        "1 to 16",
        "none, if there is a line",
        ["The span that the call goes out on.", "呼出所用的 E1。"],
    ),
    field(
        "trunk.line",
        "1 to 64",
        "none, if there is a span",
        [
            "The exchange line that the call goes out on, by its number on the case.",
            "呼出所用的外线，机箱上的编号。",
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
        "trunk.show",
        "digits",
        "the extension",
        ["The number shown to those called.", "向被叫显示的号码。"],
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
