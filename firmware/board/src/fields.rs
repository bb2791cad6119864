//! Every field of a board file and of a country file, for people: the reference is made from this
//! table, and a test holds it against what is really read.

use std::fmt::Write as _;

/// One field: where it stands, what it takes, what it is without.
pub(crate) struct Field {
    /// The table it stands in; `*` for a name or number of the writer's.
    pub(crate) table: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// What may stand there.
    pub(crate) takes: &'static str,
    /// What holds if it is not there.
    pub(crate) without: &'static str,
    /// What it does.
    pub(crate) about: &'static str,
}

const fn field(
    table: &'static str,
    name: &'static str,
    takes: &'static str,
    without: &'static str,
    about: &'static str,
) -> Field {
    Field { table, name, takes, without, about }
}

const MUST: &str = "must be there";

/// All of them.
pub(crate) const FIELDS: &[Field] = &[
    field("", "name", "the file's name without .toml", MUST, "by which others inherit it"),
    field("", "title", "text", MUST, "what people call the board"),
    field("", "country", "a file of country/", "ITU-T values", "tones, ringing, law of the lines"),
    field(
        "",
        "plan",
        "none, itu, country",
        "none",
        "gain of analog ports whose own fields say none: 0 dB, the ITU's, or by [level.*] of the \
         country",
    ),
    field("", "pins", "none, rppal, linux, simulated", "none", "who drives pins and buses"),
    field("card.*", "driver", "virtual, dahdi", MUST, "how the card is driven"),
    field(
        "card.*",
        "socket",
        "a file in the run folder",
        "needed if virtual",
        "its program's socket",
    ),
    field(
        "card.*",
        "blocks",
        "law, linear",
        "law",
        "sound as octets of the law, or as samples of the kernel (dahdi, slots = \"each\")",
    ),
    field("card.*.span.*", "label", "1 to 24 octets", MUST, "what is printed on the case"),
    field("card.*.span.*", "kernel", "a number", "needed if dahdi", "the span in /proc/dahdi"),
    field("card.*.span.*", "crc4", "true, false", "true", "CRC-4 multiframe (G.704 2.3)"),
    field("card.*.span.*", "clock", "0 to 255", "1", "priority as clock source; 0 is never"),
    field(
        "card.*.span.*",
        "signalling",
        "pri, cas",
        "pri",
        "a D channel, or signalling bits in slot 16",
    ),
    field("card.*.span.*", "d_channel", "1 to 31, none", "16", "the slot of its D channel (pri)"),
    field(
        "card.*.span.*",
        "group",
        "1 to 255",
        "0: alone",
        "spans of one group have one D channel, or a second as backup (Q.931 Annex F); the one of \
         interface 0 leads, else the first that has one; its number is the group's",
    ),
    field(
        "card.*.span.*",
        "interface",
        "0 to 127",
        "its place in the group from 0",
        "its interface identifier in messages (Q.931 4.5.13)",
    ),
    field("card.*.span.*", "frames", "kernel, own", "kernel", "who makes the D channel's HDLC"),
    field(
        "card.*.span.*",
        "slots",
        "together, each",
        "together",
        "one read for all slots, or one each (cas, card's echo canceller)",
    ),
    field("card.*.span.*", "r2", "a file of r2/", "itu", "what R2 signals mean (cas)"),
    field(
        "card.*.span.*",
        "digits",
        "0 to 32",
        "0",
        "digits of the called numbers that come in (cas); 0: a signal or a pause ends them",
    ),
    field("card.*.span.*", "caller", "true, false", "true", "callers' numbers are asked for (cas)"),
    field(
        "card.*.span.*",
        "caller_after",
        "0 to 32",
        "0",
        "after how many digits callers' numbers are asked for (cas); 0: after all",
    ),
    field("card.*.span.*", "echo", "line, off", "line", "echo cancellers for its channels"),
    field("card.*.span.*", "tail_ms", "32, 64, 128", "64", "how late an echo may come"),
    field("card.*.span.*", "gain_in_db", "-24 to 12", "0", "what comes is made louder by so much"),
    field("card.*.span.*", "gain_out_db", "-24 to 12", "0", "what goes is made louder by so much"),
    field("card.*.telephone.*", "label", "1 to 24 octets", MUST, "what is printed on the case"),
    field(
        "card.*.telephone.*",
        "kernel",
        "a number",
        "needed if dahdi",
        "the channel in /proc/dahdi",
    ),
    field("card.*.telephone.*", "echo", "line, card, off", "line", "ours for lines, or the card's"),
    field("card.*.telephone.*", "tail_ms", "32, 64, 128", "64", "how late an echo may come"),
    field(
        "card.*.telephone.*",
        "gain_in_db",
        "-24 to 12",
        "by plan",
        "what comes is made louder by so much",
    ),
    field(
        "card.*.telephone.*",
        "gain_out_db",
        "-24 to 12",
        "by plan",
        "what goes is made louder by so much",
    ),
    field("card.*.trunk.*", "label", "1 to 24 octets", MUST, "what is printed on the case"),
    field("card.*.trunk.*", "kernel", "a number", "needed if dahdi", "the channel in /proc/dahdi"),
    field("card.*.trunk.*", "echo", "line, card, off", "line", "ours for lines, or the card's"),
    field("card.*.trunk.*", "tail_ms", "32, 64, 128", "64", "how late an echo may come"),
    field(
        "card.*.trunk.*",
        "gain_in_db",
        "-24 to 12",
        "by plan",
        "what comes is made louder by so much",
    ),
    field(
        "card.*.trunk.*",
        "gain_out_db",
        "-24 to 12",
        "by plan",
        "what goes is made louder by so much",
    ),
    field("relay", "label", "1 to 24 octets", MUST, "what is printed on the case"),
    field("relay", "pet", "a pin", MUST, "output: the relay holds while it is petted"),
    field("relay", "position", "a pin", MUST, "input: on while the lines are at this box"),
    field("relay", "pet_every_ms", "1 to 1000", "50", "time between two edges"),
    field("relay", "settle_ms", "milliseconds", "40", "how long the relay may take to move"),
    field("led.*", "label", "1 to 24 octets", MUST, "what is printed on the case"),
    field("led.*", "pin", "a pin", MUST, "output"),
    field("button.*", "label", "1 to 24 octets", MUST, "what is printed on the case"),
    field("button.*", "pin", "a pin", MUST, "input"),
    field("button.*", "hold_ms", "milliseconds", "10000", "how long it is held to act"),
    field(
        "button.*",
        "role",
        "hold, call",
        "hold",
        "acts when held; or pressed, calls from its jack and hangs up there",
    ),
    field("button.*", "audio", "N of audio.N", "needed if call", "its jack: a handset or a door"),
    field("*pin*", "chip", "/dev/gpiochipN or a label", "the Raspberry Pi's", "the GPIO chip"),
    field("*pin*", "line", "a number", MUST, "its line; BCM number on a Raspberry Pi"),
    field("*pin*", "active_low", "true, false", "false", "low means on"),
    field("watchdog", "device", "a path", MUST, "such as /dev/watchdog0"),
    field("watchdog", "seconds", "a number", "15", "after which it resets the box"),
    field("serial", "label", "1 to 24 octets", MUST, "what is printed on the case"),
    field("serial", "device", "a path", MUST, "such as /dev/ttyS0"),
    field("serial", "baud", "a number", "115200", "bits a second, 8N1"),
    field("audio.*", "label", "1 to 24 octets", MUST, "what is printed on the case"),
    field("audio.*", "device", "a name of ALSA", MUST, "such as hw:0,0"),
    field(
        "audio.*",
        "role",
        "music, paging, handset, door",
        MUST,
        "music on hold comes in; announcements go out; intercom at a desk, at the door",
    ),
    field(
        "audio.*",
        "echo",
        "acoustic, off",
        "acoustic; off for music and paging",
        "the echo of the room is taken away, with its noise",
    ),
    field("audio.*", "gain_in_db", "-24 to 12", "0", "what comes is made louder by so much"),
    field("audio.*", "gain_out_db", "-24 to 12", "0", "what goes is made louder by so much"),
    field("thermometer", "bus", "a number", MUST, "N of /dev/i2c-N"),
    field("thermometer", "address", "a number", MUST, "of an LM75 or TMP102 on it"),
    field("fan", "pin", "a pin", MUST, "output"),
    field("fan", "on_above", "degrees Celsius", "60", "it turns above"),
    field("fan", "off_below", "degrees Celsius", "50", "it stops below"),
    field("eeprom", "bus", "a number", MUST, "N of /dev/i2c-N"),
    field("eeprom", "address", "a number", MUST, "of the memory that names the board"),
];

/// Fields of a country file.
pub(crate) const COUNTRY: &[Field] = &[
    field("", "title", "text", "nothing", "the country"),
    field("", "law", "{ value = \"a\" or \"mu\", source }", "a", "law of the lines' samples"),
    field(
        "",
        "ringing_ms",
        "{ value = [on, off, ...], source }",
        "[1000, 4000]",
        "ringing of telephones",
    ),
    field(
        "",
        "ringing_inside_ms",
        "{ value = [on, off, ...], source }",
        "as ringing_ms",
        "ringing for calls of the house",
    ),
    field(
        "",
        "ringing_outside_ms",
        "{ value = [on, off, ...], source }",
        "as ringing_ms",
        "ringing for calls from outside",
    ),
    field(
        "",
        "caller_id",
        "{ value = \"none\", \"bell202\", \"v23\" or \"dtmf\", source }",
        "none",
        "how telephones are told who calls: a message in the first long pause of the rings, or \
         digits before the first ring",
    ),
    field(
        "caller_id",
        "before_ring",
        "true, false",
        "false",
        "the message comes before the first ring",
    ),
    field(
        "caller_id",
        "reversal",
        "true, false",
        "false",
        "the line is reversed before, until the ring",
    ),
    field(
        "caller_id",
        "alert",
        "true, false",
        "false",
        "the alerting signal of two tones goes before",
    ),
    field(
        "caller_id",
        "digits",
        "[\"A\" or \"D\", \"C\" or \"#\"]",
        "[\"D\", \"C\"]",
        "what digits begin and end with",
    ),
    field(
        "",
        "reversal",
        "{ value = true or false, source }",
        "false",
        "a telephone's line is reversed while somebody whom it called has answered",
    ),
    field(
        "",
        "flash_ms",
        "{ value = [least, most], source }",
        "[50, 500]",
        "how long a flash opens the loop",
    ),
    field(
        "tone.*",
        "hz",
        "one or two numbers, two or three in turn",
        MUST,
        "frequencies; tones: dial, ringback, busy, congestion, unobtainable, waiting, howler, \
         special_dial (messages wait), special_information",
    ),
    field("tone.*", "in_turn", "true, false", "false: at once", "each time on has the next"),
    field("tone.*", "modulated_hz", "13 to 60", "not modulated", "what E.180 writes as 400×25"),
    field("tone.*", "depth_percent", "1 to 100", "90", "how deeply it is modulated"),
    field(
        "tone.*",
        "causes",
        "[1 to 127, ...]",
        "[1, 22, 27] of special_information, else []",
        "a caller whose call failed for one of them (Q.850) hears it instead of busy tone; of \
         unobtainable, congestion, special_information",
    ),
    field("tone.*", "cadence_ms", "[on, off, ...]", "without end", "milliseconds"),
    field("tone.*", "source", "text", MUST, "the document it is from"),
    field(
        "level.*",
        "input_dbr",
        "-24 to 12",
        MUST,
        "relative level (Q.552: Li) of what comes at two wires; of telephone, trunk",
    ),
    field("level.*", "output_dbr", "-24 to 12", MUST, "of what goes (Lo)"),
    field("level.*", "source", "text", MUST, "the document it is from"),
];

/// Fields of an R2 file; each value but `title` names its source.
pub(crate) const R2: &[Field] = &[
    field("", "title", "text", MUST, "the variant"),
    field("line", "mask", "four bits", MUST, "which of a, b, c, d are looked at"),
    field("line", "idle", "four bits", MUST, "idle, released, clear-forward"),
    field("line", "seize", "four bits", MUST, "seizure"),
    field("line", "acknowledge", "four bits", MUST, "seizing acknowledged, blocked"),
    field("line", "answer", "four bits", MUST, "answered"),
    field("line", "clear_back", "four bits", MUST, "clear-back"),
    field("line", "forced_release", "four bits", "none", "forced release by the called end"),
    field("line", "recognition_ms", "milliseconds", MUST, "how long a change of bits stays"),
    field("line", "acknowledge_ms", "milliseconds", MUST, "how long a seizure waits"),
    field("line", "metering_ms", "milliseconds", MUST, "a shorter clear-back is a charge; 0: none"),
    field("register", "category", "1 to 15", MUST, "the caller's category (II-1, KA)"),
    field("register", "service", "1 to 15", MUST, "the signal behind \"complete\" (II-1, KD)"),
    field("register", "end_of_called", "1 to 15", "a pause", "ends the called number"),
    field("register", "end_of_calling", "1 to 15", MUST, "ends the calling number"),
    field("register", "restricted", "1 to 15", "none", "the calling number may not be shown"),
    field("register", "forward_ms", "milliseconds", MUST, "the longest forward signal"),
    field("register", "silence_ms", "milliseconds", MUST, "the longest silence, outgoing"),
    field("register", "between_ms", "milliseconds", MUST, "the longest wait, incoming"),
    field("register", "digits_end_ms", "milliseconds", MUST, "ends a number of unknown length"),
    field(
        "a.*, b.*, c.*",
        "means",
        "next, back1 to back3, first, caller, caller-then-next, caller-in-c, next-calling, \
         next-in-a, first-in-a, complete, through, fails, free, free-no-charge",
        MUST,
        "what the backward signal of this number asks for, or says",
    ),
    field("a.*, b.*, c.*", "cause", "1 to 127", "needed if fails", "the cause (Q.850)"),
    field("a.*, b.*, c.*", "source", "text", MUST, "the document it is from"),
    field(
        "category.*, service.*",
        "means",
        "ordinary, priority, maintenance, operator, data, payphone, test",
        MUST,
        "the kind of caller that the signal of this number tells (II, KA); `service`: the signal \
         behind \"complete\" (KD), as `category` if there is no such table",
    ),
    field("category.*, service.*", "source", "text", MUST, "the document it is from"),
];

fn table(text: &mut String, fields: &[Field]) {
    text.push_str("| field | takes | without it | what it does |\n|---|---|---|---|\n");
    for field in fields {
        let path = match field.table {
            "" => field.name.to_owned(),
            "*pin*" => format!("(a pin) {}", field.name),
            table => format!("{table}.{}", field.name),
        };
        // Writing into a string cannot fail.
        let _ =
            writeln!(text, "| `{path}` | {} | {} | {} |", field.takes, field.without, field.about);
    }
}

/// The reference of board and country files.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from(
        "## Board files: `boards/NAME.toml`\n\n\
         `inherits = \"NAME\"` takes everything of another board; what stands here wins, table by\n\
         table. `remove = [\"card.a.span.2\"]` takes something of it away. Cards are taken in the\n\
         order of their names; the first one that works paces the box.\n\n",
    );
    table(&mut text, FIELDS);
    text.push_str("\n## Country files: `boards/country/NAME.toml`\n\n");
    table(&mut text, COUNTRY);
    text.push_str(
        "\n## R2 files: `boards/r2/NAME.toml`\n\n\
         A value is `{ value, source }` unless it is text or a meaning.\n\n",
    );
    table(&mut text, R2);
    text
}
