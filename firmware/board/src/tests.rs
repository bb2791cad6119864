//! Boards, inheritance, and what is said of wrong ones.

use std::collections::BTreeSet;

use serde::Deserialize as _;
use units::{Law, LineId, SpanId, Timeslot};

use crate::fields::{COUNTRY, FIELDS, R2 as FIELDS_R2};
use crate::{
    Board, CallButton, Canceller, FoundPort, FoundSpan, JackRole, PlaceKind, UnitKind, propose,
    read,
};

const FILES: &[(&str, &str)] = &[
    ("virtual.toml", include_str!("../../../boards/virtual.toml")),
    ("x86-dahdi.toml", include_str!("../../../boards/x86-dahdi.toml")),
    ("qemu-x86.toml", include_str!("../../../boards/qemu-x86.toml")),
    ("qemu-arm64.toml", include_str!("../../../boards/qemu-arm64.toml")),
    ("qemu-tdmoe.toml", include_str!("../../../boards/qemu-tdmoe.toml")),
    ("rpi4-dahdi-usb.toml", include_str!("../../../boards/rpi4-dahdi-usb.toml")),
    ("rpi4-pair-relay.toml", include_str!("../../../boards/rpi4-pair-relay.toml")),
    ("country/cn.toml", include_str!("../../../boards/country/cn.toml")),
    ("country/de.toml", include_str!("../../../boards/country/de.toml")),
    ("country/fr.toml", include_str!("../../../boards/country/fr.toml")),
    ("country/gb.toml", include_str!("../../../boards/country/gb.toml")),
    ("country/se.toml", include_str!("../../../boards/country/se.toml")),
    ("country/us.toml", include_str!("../../../boards/country/us.toml")),
    ("r2/itu.toml", include_str!("../../../boards/r2/itu.toml")),
    ("r2/cn.toml", include_str!("../../../boards/r2/cn.toml")),
    ("r2/br.toml", include_str!("../../../boards/r2/br.toml")),
    ("r2/mx.toml", include_str!("../../../boards/r2/mx.toml")),
    ("r2/ar.toml", include_str!("../../../boards/r2/ar.toml")),
];

fn shipped(name: &str) -> Result<String, String> {
    let found = FILES.iter().find(|(file, _)| *file == name);
    found.map(|(_, text)| (*text).to_owned()).ok_or(format!("{name}: no such file"))
}

/// The shipped files with one more in front.
fn with(name: &str, text: &str) -> Result<Board, String> {
    let folder = |wanted: &str| {
        if wanted == format!("{name}.toml") { Ok(text.to_owned()) } else { shipped(wanted) }
    };
    read(&folder, name)
}

#[test]
fn every_shipped_board_is_read_and_is_called_as_its_file() {
    for (file, _) in FILES.iter().filter(|(file, _)| !file.contains('/')) {
        let name = file.trim_end_matches(".toml");
        let board = read(&shipped, name).expect("our own board");
        assert_eq!(board.name, name);
        assert!(!board.layout().units.is_empty());
    }
}

#[test]
fn every_file_in_the_folder_is_one_of_these() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../boards");
    // The core reads every country (its `country` tests): there are many.
    let files = FILES.iter().map(|(file, _)| (*file).to_owned());
    let named: BTreeSet<_> = files.filter(|file| !file.starts_with("country/")).collect();
    let mut there = BTreeSet::new();
    for before in ["", "r2/"] {
        let folder = format!("{folder}/{before}");
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let file = entry.expect("an entry").file_name().into_string().expect("a name");
            if file.ends_with(".toml") {
                there.insert(format!("{before}{file}"));
            }
        }
    }
    assert_eq!(there, named);
}

#[test]
fn the_virtual_board_has_thirty_b_channels_one_d_channel_and_a_telephone() {
    let layout = read(&shipped, "virtual").expect("our own board").layout();
    assert_eq!(layout.places.len(), 31);
    assert_eq!(layout.data.len(), 1);
    assert_eq!(layout.data[0].channel, 15);
    let slot = Timeslot::new(31).expect("a slot");
    let port = layout.bearer(SpanId(1), slot).expect("there");
    assert_eq!(layout.port(port).expect("there").channel, 30);
    assert_eq!(layout.telephones().count(), 1);
    assert_eq!(layout.unit(0, 30), Some(0));
    assert_eq!(layout.unit(0, 31), Some(1));
}

#[test]
fn spans_of_a_group_are_one_line_under_the_span_that_has_the_d_channel() {
    let text = |two: &str, three: &str| {
        with_span(&format!(
            "d_channel = \"none\"\ngroup = 3\n\
             [card.a.span.2]\nlabel = \"E1 2\"\n{two}\n\
             [card.a.span.3]\nlabel = \"E1 3\"\n{three}\n"
        ))
    };
    let lead = "group = 3\n";
    let board = text(lead, "d_channel = \"none\"\ngroup = 3\ninterface = 7\n").expect("a board");
    let layout = board.layout();
    assert_eq!((layout.places.len(), layout.data.len(), layout.groups.len()), (92, 1, 1));
    assert_eq!(layout.data[0].span, SpanId(2));
    let two = LineId::of_span(SpanId(2));
    let line_of = |span| layout.line_of(SpanId(span));
    assert_eq!([1, 2, 3].map(line_of), [(two, 1), (two, 0), (two, 2)]);
    let spans = [(SpanId(2), 0), (SpanId(1), 1), (SpanId(3), 7)];
    assert_eq!(layout.groups[0].spans, spans);
    let alone = text(lead, "").expect("a board").layout();
    assert_eq!(alone.groups.len(), 2);
    assert_eq!(alone.line_of(SpanId(3)), (LineId::of_span(SpanId(3)), 0));
    for (two, three, why) in [
        ("", "", "group 3: has no D channel"),
        (lead, "d_channel = \"none\"\n", "span 3: d_channel = \"none\": it is alone"),
        (lead, "d_channel = \"no\"\n", "\"no\" is neither a slot nor \"none\""),
        (lead, "interface = 1\n", "a span alone has none"),
        (lead, "group = 3\nsignalling = \"cas\"\n", "a span's own"),
        (lead, "group = 3\nd_channel = \"none\"\ninterface = 1\n", "is there twice"),
        (lead, "group = 3\nd_channel = \"none\"\ninterface = 128\n", "is not 0 to 127"),
    ] {
        let fault = text(two, three).map(|_| ()).expect_err(why);
        assert!(fault.contains(why), "{why}: {fault}");
    }
}

#[test]
fn a_second_d_channel_of_a_group_is_its_backup_and_a_third_is_refused() {
    let text = |spans: [&str; 4]| {
        let [one, two, three, four] = spans;
        with_span(&format!(
            "group = 3\n{one}\n[card.a.span.2]\nlabel = \"E1 2\"\ngroup = 3\n{two}\n\
             [card.a.span.3]\nlabel = \"E1 3\"\ngroup = 3\n{three}\n\
             [card.a.span.4]\nlabel = \"E1 4\"\ngroup = 3\n{four}\n"
        ))
    };
    let none = "d_channel = \"none\"\n";
    let layout = text([none, "d_channel = 5\n", none, ""]).expect("a board").layout();
    // 31 of two spans, 30 of two.
    assert_eq!((layout.places.len(), layout.data.len(), layout.groups.len()), (122, 2, 1));
    let group = &layout.groups[0];
    let spans = |spans: [u8; 4]| spans.map(SpanId).into_iter().zip(0..).collect::<Vec<_>>();
    assert_eq!((&group.spans, group.backup), (&spans([2, 1, 3, 4]), Some(3)));
    assert_eq!(group.span(3), Some(SpanId(4)));
    // That of interface 0 leads.
    let fourth = text([none, "interface = 2\n", none, "interface = 0\n"]).expect("a board");
    let layout = fourth.layout();
    assert_eq!(layout.groups[0].line(), LineId::of_span(SpanId(4)));
    assert_eq!(layout.groups[0].backup, Some(2));
    let one = text([none, none, none, ""]).expect("a board").layout();
    assert_eq!(one.groups[0].backup, None);
    let fault = text(["", none, "", ""]).map(|_| ()).expect_err("three");
    let wanted = "span 4: d_channel: group 3 has one D channel, and one as backup; d_channel = \
                  \"none\" here";
    assert!(fault.contains(wanted), "{fault}");
}

/// A virtual card with a span of which this is said.
fn with_span(said: &str) -> Result<Board, String> {
    with(
        "x",
        &format!(
            "name = \"x\"\ntitle = \"X\"\n[card.a]\ndriver = \"virtual\"\nsocket = \"s\"\n\
             [card.a.span.1]\nlabel = \"E1 1\"\n{said}"
        ),
    )
}

#[test]
fn the_d_channel_may_be_in_any_slot_and_the_others_carry_sound() {
    for slot in [1, 16, 31] {
        let layout = with_span(&format!("d_channel = {slot}\n")).expect("a board").layout();
        assert_eq!((layout.places.len(), layout.data.len()), (30, 1));
        assert_eq!(layout.data[0].channel, slot - 1);
        for channel in 0..31 {
            assert_eq!(layout.at(0, channel).is_none(), channel == slot - 1);
        }
    }
    for (said, why) in [
        ("d_channel = 0\n", "d_channel: 0 is not a slot"),
        ("d_channel = 32\n", "d_channel: 32 is not a slot"),
        ("signalling = \"cas\"\nd_channel = 16\n", "need no D channel"),
    ] {
        let fault = with_span(said).map(|_| ()).expect_err(said);
        assert!(fault.contains(why), "{said}: {fault}");
    }
}

#[test]
fn each_audio_jack_is_a_card_of_its_own_behind_the_line_cards() {
    let text = "name = \"x\"\ntitle = \"X\"\npins = \"simulated\"\n[card.a]\ndriver = \"virtual\"\n\
                socket = \"s\"\n[card.a.telephone.1]\nlabel = \"TEL 1\"\n\
                [button.a]\nlabel = \"RING\"\npin = { line = 1 }\nrole = \"call\"\naudio = 10\n\
                [audio.10]\nlabel = \"TEN\"\ndevice = \"hw:1\"\nrole = \"door\"\n\
                [audio.2]\nlabel = \"TWO\"\ndevice = \"hw:0\"\nrole = \"music\"\n";
    let board = with("x", text).expect("a board");
    let labels: Vec<_> = board.jacks().iter().map(|(_, jack)| jack.label.as_str()).collect();
    assert_eq!(labels, ["TWO", "TEN"], "by number, as the telephones are");
    let layout = board.layout();
    let [two, ten] = [(2, JackRole::Music), (10, JackRole::Door)]
        .map(|(number, role)| PlaceKind::Jack(LineId::of_jack(number), role));
    for (card, label, kind) in [(1, "TWO", two), (2, "TEN", ten)] {
        let place = layout.at(card, 0).expect("it has a place in the matrix");
        assert_eq!((place.kind, usize::from(place.port.0)), (kind, card));
        let unit = layout.unit(card, 0).expect("and a socket");
        assert_eq!(layout.units[unit].label, label);
        assert_eq!(layout.labelled(label), Some(unit));
    }
    assert_eq!(layout.telephones().count(), 1, "a jack is no telephone");
    let unit = layout.labelled("RING").expect("the button's socket");
    assert_eq!(layout.buttons, [CallButton { unit, line: LineId::of_jack(10) }]);
}

#[test]
fn a_board_takes_from_another_what_it_does_not_say_itself() {
    let base = read(&shipped, "x86-dahdi").expect("base");
    let board = read(&shipped, "qemu-x86").expect("child");
    assert_eq!((base.card["a"].span.len(), board.card["a"].span.len()), (2, 1));
    assert_eq!(board.card["b"].trunk["5"].kernel, 4, "replaced");
    assert_eq!(board.card["a"].span["1"].label, "E1 1", "inherited");
    assert_eq!(board.serial.expect("inherited").device, "/dev/ttyS0");
    let kinds: Vec<_> = read(&shipped, "qemu-arm64").expect("grandchild").layout().units;
    assert!(matches!(kinds[0].kind, UnitKind::Pri(SpanId(1))));
    assert!(matches!(kinds[2].kind, UnitKind::Trunk(_)));
}

#[test]
fn the_country_says_law_and_tones_with_their_sources() {
    let board = read(&shipped, "virtual").expect("our own board");
    assert_eq!(board.in_country.law.value, Law::A);
    assert_eq!(board.in_country.tones["busy"].cadence_ms, [350, 350]);
    assert!(board.in_country.tones.values().all(|tone| !tone.source.is_empty()));
    let without = with("x", "name = \"x\"\ntitle = \"x\"").expect("no country");
    assert_eq!(without.in_country.ringing_ms.value, [1000, 4000]);
}

#[test]
fn what_is_wrong_is_said_with_file_field_and_remedy() {
    let head = "name = \"x\"\ntitle = \"X\"\n";
    let button = |fields: &str| {
        format!(
            "pins = \"simulated\"\n[button.a]\nlabel = \"A\"\npin = {{ line = 1 }}\n{fields}\n\
             [audio.2]\nlabel = \"HALL\"\ndevice = \"d\"\nrole = \"paging\"\n"
        )
    };
    let cases: &[(&str, &str)] = &[
        ("inherits = \"nothing\"", "nothing.toml: no such file"),
        ("inherits = \"virtual\"\nremove = [\"card.a.span.9\"]", "no card.a.span.9"),
        ("country = \"xx\"", "country/xx.toml"),
        ("[card.a]\ndriver = \"dadi\"", "`virtual` or `dahdi`"),
        ("[card.a]\n\ndrivr = \"dahdi\"", "(x.toml, line 5)"),
        ("[card.a]\ndriver = \"virtual\"", "card.a.socket"),
        ("[card.a]\ndriver = \"dahdi\"\n[card.a.span.1]\nlabel = \"E\"", "/proc/dahdi"),
        ("[card.a]\ndriver = \"dahdi\"\n[card.a.span.17]\nlabel = \"E\"\nkernel = 1", "1 to 16"),
        (
            "[card.a]\ndriver = \"dahdi\"\n[card.a.span.1]\nlabel = \"E\"\nkernel = 1\n\
             signalling = \"cas\"",
            "slots = \"each\"",
        ),
        (
            "[card.a]\ndriver = \"dahdi\"\nblocks = \"linear\"\n[card.a.span.1]\nlabel = \"E\"\n\
             kernel = 1",
            "card.a.span.1.slots: blocks = \"linear\" need slots = \"each\"",
        ),
        (
            "[card.a]\ndriver = \"virtual\"\nsocket = \"s\"\nblocks = \"linear\"",
            "card.a.blocks: a virtual card",
        ),
        (
            "[card.a]\ndriver = \"dahdi\"\n[card.a.span.1]\nlabel = \"E\"\nkernel = 1\n\
             [card.a.span.2]\nlabel = \"E\"\nkernel = 2",
            "\"E\" is there twice",
        ),
        ("[led.a]\nlabel = \"L\"\npin = { line = 1 }", "pins = "),
        (
            "[audio.1]\nlabel = \"A\"\ndevice = \"d\"\nrole = \"door\"\n\
             [audio.01]\nlabel = \"B\"\ndevice = \"e\"\nrole = \"door\"",
            "audio.1: 1 is there twice",
        ),
        (&button("role = \"call\""), "button.a.audio: is missing"),
        (&button("audio = 1"), "only a button with role"),
        (&button("role = \"call\"\naudio = 3"), "there is no audio.3"),
        (&button("role = \"call\"\naudio = 2"), "HALL has another role"),
    ];
    for (text, wanted) in cases {
        let fault = with("x", &format!("{head}{text}")).expect_err(text);
        assert!(fault.contains(wanted), "{text}: {fault}");
    }
    let fault = with("x", "inherits = \"x\"").expect_err("in a circle");
    assert!(fault.contains("in a row"), "{fault}");
}

/// The fields that serde says it would take at a place.
fn taken(board: &str, wrong: &str) -> BTreeSet<String> {
    let fault = with("x", board).expect_err(wrong);
    let list = fault.split("expected one of").nth(1).or_else(|| fault.split("expected").nth(1));
    let list = list.unwrap_or_else(|| panic!("{wrong}: {fault}"));
    let list = list.split("` in").next().unwrap_or(list);
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_reference_names_every_field_that_is_read_and_no_other() {
    let head = "name = \"x\"\ntitle = \"X\"\n";
    let card = "[card.a]\ndriver = \"virtual\"\nsocket = \"s\"\n";
    for (table, at) in [
        ("card.*", "[card.a]".to_owned()),
        ("card.*.span.*", format!("{card}[card.a.span.1]")),
        ("card.*.telephone.*", format!("{card}[card.a.telephone.1]")),
        ("card.*.trunk.*", format!("{card}[card.a.trunk.1]")),
        ("relay", "[relay]".into()),
        ("led.*", "[led.a]".into()),
        ("button.*", "[button.a]".into()),
        ("*pin*", "[fan.pin]".into()),
        ("watchdog", "[watchdog]".into()),
        ("serial", "[serial]".into()),
        ("audio.*", "[audio.1]".into()),
        ("thermometer", "[thermometer]".into()),
        ("fan", "[fan]".into()),
        ("eeprom", "[eeprom]".into()),
    ] {
        let mut read = taken(&format!("{head}{at}\nno_such_field = 1"), table);
        // Tables below a table have rows of their own.
        if table == "card.*" {
            for inner in ["span", "telephone", "trunk"] {
                read.remove(inner);
            }
        }
        let named: BTreeSet<String> =
            FIELDS.iter().filter(|f| f.table == table).map(|f| f.name.to_owned()).collect();
        assert_eq!(named, read, "{table}");
    }
    let top = taken(&format!("{head}no_such_field = 1"), "top");
    for field in FIELDS.iter().filter(|field| field.table.is_empty()) {
        assert!(top.contains(field.name), "{}", field.name);
    }
    let country: toml::Value =
        toml::from_str(&shipped("country/cn.toml").expect("it")).expect("a table");
    for name in country.as_table().expect("a table").keys() {
        if ["tone", "level"].contains(&name.as_str()) {
            continue;
        }
        assert!(COUNTRY.iter().any(|field| field.name == name), "{name}");
    }
    for field in FIELDS.iter().chain(COUNTRY) {
        assert!(!field.takes.is_empty() && !field.without.is_empty() && !field.about.is_empty());
    }
}

#[test]
fn a_country_that_contradicts_itself_is_refused() {
    let country = |country: &str| {
        let files = |file: &str| match file {
            "x.toml" => Ok("name = \"x\"\ntitle = \"X\"\ncountry = \"t\"\n".to_owned()),
            "country/t.toml" => Ok(country.to_owned()),
            other => Err(format!("{other}: no such file")),
        };
        read(&files, "x").map(|board| board.in_country).map_err(|fault| fault.to_string())
    };
    let wrong = [
        ("ringing_ms = { value = [1000, 0], source = \"test\" }", "ringing_ms"),
        ("ringing_inside_ms = { value = [1000], source = \"test\" }", "ringing_ms"),
        ("ringing_outside_ms = { value = [1000, 2000], source = \"\" }", "source"),
        ("caller_id = { value = \"dtmf\", alert = true, source = \"test\" }", "caller_id"),
        ("caller_id = { value = \"v23\", reversal = true, source = \"test\" }", "caller_id"),
        (
            "caller_id = { value = \"dtmf\", digits = [\"B\", \"C\"], source = \"test\" }",
            "caller_id.digits",
        ),
        (
            "ringing_ms = { value = [400, 200, 400, 1400], source = \"test\" }\n\
             caller_id = { value = \"v23\", source = \"test\" }",
            "no pause",
        ),
    ];
    for (wrong, why) in wrong {
        let fault = country(wrong).expect_err(wrong);
        assert!(fault.contains(why), "{wrong}: {fault}");
    }
    // Before the ring it needs no pause.
    let before = "ringing_ms = { value = [400, 200, 400, 1400], source = \"test\" }\n\
                  caller_id = { value = \"v23\", before_ring = true, source = \"test\" }";
    assert!(country(before).expect("a country").caller_id.before_ring);
}

#[test]
fn every_r2_file_is_read_and_every_value_has_its_source_and_its_row_in_the_reference() {
    for name in ["itu", "cn", "br", "mx", "ar"] {
        let text = format!(
            "name = \"x\"\ntitle = \"X\"\n[card.a]\ndriver = \"virtual\"\nsocket = \"s\"\n\
             [card.a.span.1]\nlabel = \"E\"\nsignalling = \"cas\"\nr2 = \"{name}\"\ndigits = 5\n"
        );
        let layout = with("x", &text).unwrap_or_else(|fault| panic!("{fault}")).layout();
        assert_eq!((layout.cas.len(), layout.cas[0].digits, layout.data.len()), (1, 5, 0));
        let file: toml::Table =
            toml::from_str(&shipped(&format!("r2/{name}.toml")).expect("it")).expect("a table");
        for (table, fields) in &file {
            let group = ["a", "b", "c", "category", "service"].contains(&table.as_str());
            let named = |field: &str| {
                FIELDS_R2.iter().any(|row| {
                    (row.table == table || row.table.contains(&format!("{table}.*")))
                        && row.name == field
                })
            };
            let Some(fields) = fields.as_table() else { continue };
            for (field, value) in fields {
                let inner = if group { value.as_table().expect("a meaning") } else { fields };
                assert!(inner.keys().all(|key| named(key)), "{name}: {table}.{field}");
                assert!(value.get("source").is_some(), "{name}: {table}.{field}");
            }
        }
    }
    let fault = with(
        "x",
        "name = \"x\"\ntitle = \"X\"\n[card.a]\ndriver = \"virtual\"\nsocket = \"s\"\n\
         [card.a.span.1]\nlabel = \"E\"\nsignalling = \"cas\"\nr2 = \"xx\"\n",
    );
    assert!(fault.expect_err("no such file").contains("r2/xx.toml"));
}

#[test]
fn what_detect_proposes_is_a_board() {
    let spans = [
        FoundSpan {
            number: 1,
            description: "T2XXP Card 0 Span 1".into(),
            location: "PCI Bus 02 Slot 01".into(),
            digital: true,
            ports: vec![],
        },
        FoundSpan {
            number: 2,
            description: "T2XXP Card 0 Span 2".into(),
            location: "PCI Bus 02 Slot 01".into(),
            digital: true,
            ports: vec![],
        },
        FoundSpan {
            number: 3,
            description: "Xorcom XPD".into(),
            location: "usb-1".into(),
            digital: false,
            ports: vec![
                FoundPort { channel: 63, telephone: true },
                FoundPort { channel: 64, telephone: false },
            ],
        },
    ];
    let text = propose(&spans, &[("hw:0,0".into(), "USB Audio".into())]);
    let board = with("detected", &text).expect("a board");
    assert_eq!(board.card.len(), 2, "{text}");
    assert_eq!(board.card["a"].span["2"].kernel, 2);
    assert_eq!(board.card["b"].telephone["1"].kernel, 63);
    assert_eq!(board.card["b"].trunk["2"].label, "LINE 1");
    assert_eq!(board.audio["1"].device, "hw:0,0");
    let empty = with("detected", &propose(&[], &[])).expect("nothing found is a board too");
    assert!(Board::deserialize(toml::Value::try_from(toml::Table::new()).expect("toml")).is_err());
    assert!(empty.layout().units.is_empty());
}

#[test]
fn a_port_has_the_echo_canceller_that_fits_it_or_the_one_that_is_chosen() {
    let text = "tail_ms = 128\n[card.a.telephone.5]\nlabel = \"NEAR\"\ntail_ms = 32\n\
                [card.a.telephone.6]\nlabel = \"OFF\"\necho = \"off\"\n\
                [audio.1]\nlabel = \"DOOR\"\ndevice = \"hw:0\"\nrole = \"door\"\n\
                [audio.2]\nlabel = \"HALL\"\ndevice = \"hw:1\"\nrole = \"paging\"\n\
                [audio.3]\nlabel = \"DESK\"\ndevice = \"hw:2\"\nrole = \"handset\"\n\
                echo = \"off\"\n";
    let layout = with_span(text).expect("a board").layout();
    let of_span = layout.places.iter().find(|place| matches!(place.kind, PlaceKind::Bearer(..)));
    assert_eq!(of_span.map(|place| place.echo), Some(Canceller::Line(128)));
    let line = |number| {
        let line = LineId::of_analog(number);
        let mut places = layout.places.iter();
        places.find(|place| place.kind == PlaceKind::Telephone(line)).map(|place| place.echo)
    };
    assert_eq!((line(5), line(6)), (Some(Canceller::Line(32)), Some(Canceller::None)));
    let jack = |number| {
        let line = LineId::of_jack(number);
        let of = |kind| matches!(kind, PlaceKind::Jack(of, _) if of == line);
        layout.places.iter().find(|place| of(place.kind)).map(|place| place.echo)
    };
    let jacks = [jack(1), jack(2), jack(3)].map(Option::unwrap_or_default);
    assert_eq!(jacks, [Canceller::Acoustic, Canceller::None, Canceller::None]);
    for (wrong, said) in [
        ("[card.a.telephone.9]\nlabel = \"N\"\ntail_ms = 65\n", "choose 32, 64 or 128"),
        ("[card.a.telephone.9]\nlabel = \"N\"\necho = \"acoustic\"\n", "for jacks"),
        ("echo = \"card\"\n", "choose line or off"),
        (
            "[audio.1]\nlabel = \"N\"\ndevice = \"d\"\nrole = \"music\"\necho = \"acoustic\"\n",
            "one direction",
        ),
        (
            "[audio.1]\nlabel = \"N\"\ndevice = \"d\"\nrole = \"door\"\necho = \"line\"\n",
            "\"acoustic\" or",
        ),
    ] {
        let fault = with_span(wrong).expect_err(wrong);
        assert!(fault.contains(said), "{fault}");
    }
}

#[test]
fn a_port_is_as_loud_as_its_board_file_says_within_reason() {
    let text = |gains: &str| {
        format!(
            "name = \"g\"\ntitle = \"G\"\n[card.a]\ndriver = \"virtual\"\nsocket = \"s\"\n\
             [card.a.telephone.1]\nlabel = \"A\"\n{gains}"
        )
    };
    let one = |text: &str| read(&|_: &str| Ok(text.to_owned()), "g");
    let layout = one(&text("gain_in_db = -3.5\ngain_out_db = -7\n")).expect("a board").layout();
    let gain = units::Gain { coming_tenths: -35, going_tenths: -70 };
    assert_eq!(layout.places.first().map(|place| place.gain), Some(gain));
    assert!(one(&text("")).expect("a board").layout().places[0].gain.is_none());
    let fault = one(&text("gain_in_db = 13\n")).expect_err("too much");
    assert!(fault.to_string().contains("choose -24 to 12"), "{fault}");
}
