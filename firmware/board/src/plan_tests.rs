//! Tones and levels of a country, and the plan that a board follows.

use units::{Gain, GainFrom};

use crate::{Board, read};

/// A board with a telephone, a line of an exchange and a span, in a country.
fn board(top: &str, telephone: &str, country: &str) -> Result<Board, String> {
    let files = |file: &str| match file {
        "x.toml" => Ok(format!(
            "name = \"x\"\ntitle = \"X\"\ncountry = \"t\"\n{top}\n[card.a]\n\
             driver = \"virtual\"\nsocket = \"s\"\n[card.a.span.1]\nlabel = \"E\"\n\
             [card.a.telephone.1]\nlabel = \"T\"\n{telephone}\n\
             [card.a.trunk.2]\nlabel = \"L\"\n"
        )),
        "country/t.toml" => Ok(country.to_owned()),
        other => Err(format!("{other}: no such file")),
    };
    read(&files, "x")
}

const LEVELS: &str = "[level.telephone]\ninput_dbr = 1\noutput_dbr = -6.5\nsource = \"test\"\n\
                      [level.trunk]\ninput_dbr = -3\noutput_dbr = 0\nsource = \"test\"\n";

/// The gains of a channel, the telephone and the line, in tenths, and where they are from.
fn gains(board: &Board) -> [((i16, i16), [GainFrom; 2]); 3] {
    let places = board.layout().places;
    let of = |at: usize| {
        let Gain { coming_tenths, going_tenths } = places[at].gain;
        ((coming_tenths, going_tenths), places[at].gain_from)
    };
    [of(0), of(places.len() - 2), of(places.len() - 1)]
}

#[test]
fn a_port_follows_the_plan_of_its_board_unless_its_own_fields_say_otherwise() {
    use GainFrom::{Country, Itu, Nothing};
    let none = ((0, 0), [Nothing; 2]);
    let plain = board("", "", LEVELS).expect("a board");
    assert_eq!(gains(&plain), [none; 3], "nothing changes where no plan is chosen");
    let itu = board("plan = \"itu\"", "", "").expect("a board");
    assert_eq!(gains(&itu), [none, ((0, -70), [Itu; 2]), none]);
    let country = board("plan = \"country\"", "", LEVELS).expect("a board");
    let telephone = ((-10, -65), [Country; 2]);
    assert_eq!(gains(&country), [none, telephone, ((30, 0), [Country; 2])]);
    let own = "gain_out_db = 0\n";
    let own = board("plan = \"country\"", own, LEVELS).expect("a board");
    assert_eq!(gains(&own)[1], ((-10, 0), [Country, GainFrom::Board]));
}

#[test]
fn a_plan_that_the_country_does_not_have_is_refused_with_what_to_choose() {
    let fault = board("plan = \"country\"", "", "").expect_err("no levels");
    assert!(fault.contains("[level.telephone]") && fault.contains("itu"), "{fault}");
    assert!(board("plan = \"loud\"", "", "").is_err());
    for (levels, why) in [
        ("[level.door]\ninput_dbr = 0\noutput_dbr = 0\nsource = \"test\"", "level.door"),
        ("[level.trunk]\ninput_dbr = 0\noutput_dbr = 0\nsource = \"\"", "source"),
        ("[level.trunk]\ninput_dbr = 0\noutput_dbr = -40\nsource = \"test\"", "-24 to 12"),
    ] {
        let fault = board("", "", levels).expect_err(why);
        assert!(fault.contains(why), "{fault}");
    }
}

#[test]
fn a_tone_that_cannot_be_made_or_tells_what_another_tells_is_refused() {
    let tone = |name: &str, fields: &str| format!("[tone.{name}]\nsource = \"test\"\n{fields}\n");
    let si = "hz = [950, 1400, 1800]\nin_turn = true\ncadence_ms = [330, 0, 330, 0, 330, 1000]";
    for (country, why) in [
        (tone("dial", "hz = [400]\nmodulated_hz = 12"), "modulated_hz"),
        (tone("dial", "hz = [400, 450]\nmodulated_hz = 25"), "modulated_hz"),
        (tone("dial", "hz = [400]\ndepth_percent = 50"), "depth_percent"),
        (tone("dial", "hz = [400]\nmodulated_hz = 25\ndepth_percent = 101"), "depth_percent"),
        (tone("dial", "hz = [400, 450, 500]"), "in turn"),
        (tone("busy", "hz = [400, 450]\nin_turn = true"), "cadence_ms"),
        (tone("busy", "hz = [400]\ncadence_ms = [500, 0]"), "cadence_ms"),
        (tone("busy", "hz = [400]\ncadence_ms = [500, 500]\ncauses = [17]"), "causes"),
        (tone("congestion", "hz = [400]\ncauses = [128]"), "128"),
        (
            tone("unobtainable", "hz = [400]\ncauses = [1]") + &tone("special_information", si),
            "1 is",
        ),
        (tone("whistle", "hz = [400]"), "special_information"),
    ] {
        let fault = board("", "", &country).expect_err(why);
        assert!(fault.contains(why), "{fault}");
    }
    let told = |country: &str| {
        let country = board("", "", country).expect("a board").in_country;
        let of =
            |causes: &[units::Cause]| causes.iter().map(|cause| cause.get()).collect::<Vec<_>>();
        country.failures().iter().map(|(tone, causes)| (tone.hz[0], of(causes))).collect::<Vec<_>>()
    };
    assert_eq!(told(&tone("special_information", si)), [(950, vec![1, 22, 27])]);
    assert_eq!(told(&tone("unobtainable", "hz = [400]")), []);
    let both = tone("unobtainable", "hz = [400]\ncauses = [1]")
        + &tone("special_information", &format!("{si}\ncauses = [22, 27]"))
        + &tone("congestion", "hz = [425]\ncauses = [34, 42]");
    assert_eq!(told(&both), [(400, vec![1]), (425, vec![34, 42]), (950, vec![22, 27])]);
}
