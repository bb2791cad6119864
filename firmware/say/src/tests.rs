//! What is said, as speakers of the language write it, and that it reads back.

use std::string::String;
use std::vec::Vec;

use units::Digits;
use units::time::Utc;

use crate::reader::{all, counts, number};
use crate::*;

const ZH: Language = Language::Mandarin;
const EN: Language = Language::English;

/// Mandarin words as characters.
const CHARACTERS: &[(Word, &str)] = &[
    ("say-0", "零"),
    ("say-1", "一"),
    ("say-2", "二"),
    ("say-3", "三"),
    ("say-4", "四"),
    ("say-5", "五"),
    ("say-6", "六"),
    ("say-7", "七"),
    ("say-8", "八"),
    ("say-9", "九"),
    ("say-10", "十"),
    ("say-hundred", "百"),
    ("say-thousand", "千"),
    ("say-wan", "万"),
    ("say-yi", "亿"),
    ("say-liang", "两"),
    ("say-yao", "幺"),
    ("say-minus", "负"),
    ("say-ordinal", "第"),
    ("say-yuan", "元"),
    ("say-jiao", "角"),
    ("say-fen", "分"),
    ("say-us-dollar", "美元"),
    ("say-us-cent", "美分"),
    ("say-euro", "欧元"),
    ("say-euro-cent", "欧分"),
    ("say-pound", "英镑"),
    ("say-penny", "便士"),
    ("say-hk-dollar", "港元"),
    ("say-yen", "日元"),
    ("say-year", "年"),
    ("say-month", "月"),
    ("say-date", "日"),
    ("say-monday", "星期一"),
    ("say-sunday", "星期日"),
    ("say-am", "上午"),
    ("say-pm", "下午"),
    ("say-o-clock", "点"),
    ("say-exactly", "整"),
    ("say-minute-of-hour", "分"),
    ("say-day", "天"),
    ("say-hour", "小时"),
    ("say-minute", "分钟"),
    ("say-second", "秒"),
    ("say-thursday", "星期四"),
];

fn zh(what: &What) -> String {
    let words = say(what, ZH).expect("words");
    let character = |word: &Word| CHARACTERS.iter().find(|(name, _)| name == word);
    words.iter().map(|word| character(word).expect("a character").1).collect()
}

fn en(what: &What) -> String {
    let words = say(what, EN).expect("words");
    let plain: Vec<_> = words.iter().filter_map(|word| word.strip_prefix("say-")).collect();
    plain.join(" ")
}

fn date(year: u16, month: u8, day: u8) -> Date {
    Date::new(year, month, day).expect("a day")
}

fn time(hour: u8, minute: u8) -> Time {
    Time::new(hour, minute).expect("a time")
}

/// Random numbers that are the same each time (xorshift64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Of every length alike, with many zeros.
    fn number(&mut self) -> i64 {
        let length = self.next() % 12 + 1;
        let digits = (0..length).fold(0, |number, _| {
            let digit = if self.next().is_multiple_of(2) { 0 } else { self.next() % 10 };
            number * 10 + digit
        });
        let number = i64::try_from(digits).expect("12 digits");
        if self.next().is_multiple_of(4) { -number } else { number }
    }
}

#[test]
fn numbers_in_mandarin_are_as_a_speaker_writes_them() {
    for (number, said) in [
        (0, "零"),
        (2, "二"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (22, "二十二"),
        (100, "一百"),
        (105, "一百零五"),
        (110, "一百一十"),
        (115, "一百一十五"),
        (200, "二百"),
        (222, "二百二十二"),
        (1000, "一千"),
        (1001, "一千零一"),
        (1010, "一千零一十"),
        (1100, "一千一百"),
        (2000, "两千"),
        (2002, "两千零二"),
        (2200, "两千二百"),
        (10_000, "一万"),
        (10_001, "一万零一"),
        (10_010, "一万零一十"),
        (10_100, "一万零一百"),
        (11_000, "一万一千"),
        (20_000, "两万"),
        (22_222, "两万两千二百二十二"),
        (100_000, "十万"),
        (100_015, "十万零一十五"),
        (102_000, "十万两千"),
        (120_000, "十二万"),
        (150_000, "十五万"),
        (1_000_005, "一百万零五"),
        (1_020_000, "一百零二万"),
        (10_000_000, "一千万"),
        (100_000_000, "一亿"),
        (100_000_005, "一亿零五"),
        (100_002_000, "一亿零两千"),
        (200_000_000, "两亿"),
        (500_020_000, "五亿零两万"),
        (1_000_000_000, "十亿"),
        (1_000_100_000, "十亿零一十万"),
        (120_000_000_000, "一千二百亿"),
        (999_999_999_999, "九千九百九十九亿九千九百九十九万九千九百九十九"),
        (-5, "负五"),
    ] {
        assert_eq!(zh(&What::Number(number)), said, "{number}");
    }
    assert_eq!(zh(&What::Ordinal(2)), "第二");
    assert_eq!(zh(&What::Ordinal(12)), "第十二");
}

#[test]
fn numbers_in_english_are_as_a_speaker_writes_them() {
    for (number, said) in [
        (0, "0"),
        (13, "13"),
        (20, "20"),
        (42, "40 2"),
        (100, "1 hundred"),
        (105, "1 hundred and 5"),
        (999, "9 hundred and 90 9"),
        (1000, "1 thousand"),
        (1005, "1 thousand and 5"),
        (1100, "1 thousand 1 hundred"),
        (206_000, "2 hundred and 6 thousand"),
        (1_000_001, "1 million and 1"),
        (1_001_000, "1 million 1 thousand"),
        (2_000_000_000, "2 billion"),
        (-7, "minus 7"),
    ] {
        assert_eq!(en(&What::Number(number)), said, "{number}");
    }
    for (number, said) in [
        (1, "1st"),
        (12, "12th"),
        (20, "20th"),
        (23, "20 3rd"),
        (100, "1 hundredth"),
        (101, "1 hundred and 1st"),
        (5000, "5 thousandth"),
    ] {
        assert_eq!(en(&What::Ordinal(number)), said, "{number}");
    }
}

#[test]
fn money_is_said_in_its_units() {
    let money = |minor, currency| What::Money { minor, currency };
    for (minor, currency, chinese, english) in [
        (0, Currency::Cny, "零元", "0 yuan"),
        (200, Currency::Cny, "两元", "2 yuan"),
        (505, Currency::Cny, "五元零五分", "5 yuan and 5 fen"),
        (1250, Currency::Cny, "十二元五角", "12 yuan and 50 fen"),
        (1252, Currency::Cny, "十二元五角两分", "12 yuan and 50 2 fen"),
        (22, Currency::Cny, "两角两分", "20 2 fen"),
        (-1200, Currency::Cny, "负十二元", "minus 12 yuan"),
        (101, Currency::Usd, "一美元一美分", "1 dollar and 1 cent"),
        (250, Currency::Eur, "两欧元五十欧分", "2 euros and 50 cents"),
        (2, Currency::Gbp, "两便士", "2 pence"),
        (150, Currency::Hkd, "一港元五角", "1 hk-dollar and 50 cents"),
        (150, Currency::Jpy, "一百五十日元", "1 hundred and 50 yen"),
    ] {
        assert_eq!(zh(&money(minor, currency)), chinese);
        assert_eq!(en(&money(minor, currency)), english);
    }
}

#[test]
fn days_are_said_with_the_year_digit_by_digit_or_in_pairs() {
    assert_eq!(zh(&What::Date(date(2026, 11, 23))), "二零二六年十一月二十三日星期一");
    assert_eq!(zh(&What::Date(date(2000, 2, 20))), "二零零零年二月二十日星期日");
    let year = |year| {
        let said = en(&What::Date(date(year, 3, 1)));
        String::from(said.split_once("march ").expect("a month").1)
    };
    assert_eq!(en(&What::Date(date(2026, 11, 23))), "monday the 20 3rd of november 20 20 6");
    for (number, said) in [
        (1999, "19 90 9"),
        (1905, "19 oh 5"),
        (1900, "19 hundred"),
        (2000, "2 thousand"),
        (2005, "2 thousand and 5"),
        (2010, "20 10"),
        (1066, "10 60 6"),
        (988, "9 hundred and 80 8"),
    ] {
        assert_eq!(year(number), said);
    }
}

#[test]
fn times_are_said_by_twelve_hours_and_by_twenty_four() {
    for (hour, minute, chinese, english) in [
        (0, 0, "上午零点整", "12 am"),
        (0, 5, "上午零点零五分", "12 oh 5 am"),
        (2, 0, "上午两点整", "2 am"),
        (9, 5, "上午九点零五分", "9 oh 5 am"),
        (12, 30, "下午十二点三十分", "12 30 pm"),
        (14, 10, "下午两点十分", "2 10 pm"),
        (23, 59, "下午十一点五十九分", "11 50 9 pm"),
    ] {
        assert_eq!(zh(&What::Time12(time(hour, minute))), chinese);
        assert_eq!(en(&What::Time12(time(hour, minute))), english);
    }
    for (hour, minute, chinese, english) in [
        (0, 5, "零点零五分", "0 oh 5"),
        (9, 0, "九点整", "oh 9 hundred hours"),
        (14, 5, "十四点零五分", "14 oh 5"),
        (22, 22, "二十二点二十二分", "20 2 20 2"),
    ] {
        assert_eq!(zh(&What::Time24(time(hour, minute))), chinese);
        assert_eq!(en(&What::Time24(time(hour, minute))), english);
    }
}

#[test]
fn durations_name_only_the_parts_that_there_are() {
    for (seconds, chinese, english) in [
        (0, "零秒", "0 seconds"),
        (2, "两秒", "2 seconds"),
        (61, "一分钟一秒", "1 minute and 1 second"),
        (7200, "两小时", "2 hours"),
        (180_730, "两天两小时十二分钟十秒", "2 days 2 hours 12 minutes and 10 seconds"),
    ] {
        assert_eq!(zh(&What::Duration(seconds)), chinese);
        assert_eq!(en(&What::Duration(seconds)), english);
    }
}

#[test]
fn digits_are_said_one_by_one_and_one_is_yao_in_telephone_numbers() {
    let digits = Digits::parse("10*2").expect("digits");
    let said = |what: &What, language| Vec::from(&*say(what, language).expect("words"));
    assert_eq!(said(&What::Digits(digits.clone()), ZH), ["say-1", "say-0", "say-star", "say-2"]);
    let telephone = What::Telephone(digits);
    assert_eq!(said(&telephone, ZH), ["say-yao", "say-0", "say-star", "say-2"]);
    assert_eq!(said(&telephone, EN), ["say-1", "say-0", "say-star", "say-2"]);
}

#[test]
fn what_is_said_reads_back_to_the_number() {
    let mut random = Random(20_261_123);
    let edges = (0..12).flat_map(|power| {
        let ten = 10i64.pow(power);
        [ten - 1, ten, ten + 1, 2 * ten, 10 * ten - 1]
    });
    let small = -2100..12_100;
    let drawn: Vec<_> = (0..100_000).map(|_| random.number()).collect();
    for value in edges.chain(small).chain(drawn) {
        for language in Language::ALL {
            let words = say(&What::Number(value), language).expect("words");
            assert_eq!(all(&words, language), Some(value), "{value}: {words:?}");
        }
    }
}

#[test]
fn money_durations_and_times_read_back() {
    let mut random = Random(7);
    for _ in 0..20_000 {
        let minor = random.number();
        let size = minor.unsigned_abs();
        for language in Language::ALL {
            for currency in Currency::ALL {
                let words = say(&What::Money { minor, currency }, language).expect("words");
                let unsigned = words.strip_prefix(&["say-minus"]).unwrap_or(&words);
                assert_eq!(unsigned.len() < words.len(), minor < 0);
                let parts = counts(unsigned, language).expect("counts");
                let sum: u64 =
                    parts.iter().map(|(count, unit)| count * worth(unit, currency)).sum();
                assert_eq!(sum, size, "{words:?}");
            }
            let seconds = u32::try_from(random.next() % 1_000_000).expect("small");
            let words = say(&What::Duration(seconds), language).expect("words");
            let parts = counts(&words, language).expect("counts");
            let sum: u64 = parts.iter().map(|(count, unit)| count * length(unit)).sum();
            assert_eq!(sum, u64::from(seconds), "{words:?}");
        }
    }
    for minute in 0..1440u16 {
        let (hour, minute) = (minute / 60, minute % 60);
        let of = time(u8::try_from(hour).expect("small"), u8::try_from(minute).expect("small"));
        let words = say(&What::Time24(of), ZH).expect("words");
        let (read, rest) = number(&words, ZH).expect("an hour");
        assert_eq!((read, rest[0]), (u64::from(hour), "say-o-clock"));
        let read = number(&rest[1..], ZH).map_or(0, |(read, _)| read);
        assert_eq!(read, u64::from(minute), "{words:?}");
    }
}

fn worth(unit: Word, currency: Currency) -> u64 {
    match unit {
        "say-jiao" => 10,
        "say-fen" | "say-cent" | "say-cents" | "say-us-cent" | "say-euro-cent" | "say-penny"
        | "say-pence" => 1,
        _ => currency.minor(),
    }
}

fn length(unit: Word) -> u64 {
    match unit.trim_end_matches('s') {
        "say-day" => 86_400,
        "say-hour" => 3600,
        "say-minute" => 60,
        _ => 1,
    }
}

#[test]
fn every_word_that_is_said_stands_in_the_list_of_its_language_once() {
    let mut random = Random(3);
    for language in Language::ALL {
        let list: Vec<_> = language.words().collect();
        assert!(list.len() <= limits::VOCABULARY);
        for (index, word) in list.iter().enumerate() {
            assert!(!list[..index].contains(word), "{word} twice");
        }
        let mut used = Vec::from([words::UNKNOWN]);
        let mut utter = |what: &What| used.extend(say(what, language).expect("words"));
        let keys = Digits::parse("0123456789*#ABCD").expect("keys");
        utter(&What::Telephone(keys.clone()));
        utter(&What::Digits(keys));
        for day in 0..800 {
            let local = Local::of(Utc(day * 86_461_000_000), 0);
            utter(&What::Date(local.date));
            utter(&What::Time12(local.time));
            utter(&What::Time24(local.time));
        }
        for _ in 0..2000 {
            let value = random.number();
            utter(&What::Number(value));
            utter(&What::Ordinal(value.abs().max(1)));
            utter(&What::Duration(u32::try_from(random.next() % 400_000).expect("small")));
            for currency in Currency::ALL {
                utter(&What::Money { minor: value, currency });
            }
        }
        for power in [1_000_000, 1_000_000_000] {
            utter(&What::Ordinal(power));
        }
        for minor in 1..300 {
            Currency::ALL.into_iter().for_each(|of| utter(&What::Money { minor, currency: of }));
        }
        assert!(used.iter().all(|word| list.contains(word)));
        let idle: Vec<_> = list.iter().filter(|word| !used.contains(word)).collect();
        assert!(idle.is_empty(), "{language:?}: {idle:?} is never said");
    }
}

#[test]
fn what_has_no_words_is_refused() {
    for language in Language::ALL {
        for what in [
            What::Number(LARGEST + 1),
            What::Number(i64::MIN),
            What::Ordinal(0),
            What::Money { minor: i64::MAX, currency: Currency::Cny },
        ] {
            assert_eq!(say(&what, language), Err(Fault::Range), "{what:?}");
        }
        let minutes = (0..24).flat_map(|hour| (0..60).map(move |minute| time(hour, minute)));
        for time in minutes {
            for what in [What::Time12(time), What::Time24(time)] {
                assert!(say(&what, language).expect("words").len() <= TIME_WORDS);
            }
        }
        let largest = say(&What::Number(LARGEST), language).expect("words");
        assert!(largest.len() <= DIGITS_WORDS);
        let longest = What::Money { minor: -LARGEST * 100 - 99, currency: Currency::Cny };
        assert!(say(&longest, language).is_ok());
        assert!(say(&What::Number(-LARGEST), language).is_ok());
        assert!(say(&What::Duration(u32::MAX), language).is_ok());
    }
}

#[test]
fn a_day_has_its_number_its_weekday_and_its_local_time() {
    let mut longest = 0;
    // Every day of the calendar follows the one before.
    let mut day = Local::of(Utc(-30_000 * 86_400_000_000), 0).date;
    for number in -29_999i64..60_000 {
        let next = Local::of(Utc(number * 86_400_000_000), 0).date;
        let (year, month, of_month) = (day.year(), day.month(), day.day());
        let follows = [
            Date::new(year, month, of_month + 1),
            Date::new(year, month + 1, 1),
            Date::new(year + 1, 1, 1),
        ];
        assert_eq!(follows.into_iter().flatten().next(), Some(next), "{day:?}");
        for language in Language::ALL {
            longest = longest.max(say(&What::Date(next), language).expect("words").len());
        }
        assert_eq!(next.weekday(), (day.weekday() + 1) % 7);
        day = next;
    }
    assert_eq!(longest, DATE_WORDS);
    // date -u -d @1795408180: Monday 23 November 2026, 04:29:40.
    let utc = Utc(1_795_408_180_000_000);
    let here = Local::of(utc, 8 * 3600);
    assert_eq!((here.date, here.time), (date(2026, 11, 23), time(12, 29)));
    assert_eq!(here.date.weekday(), 0);
    let west = Local::of(utc, -5 * 3600);
    assert_eq!((west.date, west.time), (date(2026, 11, 22), time(23, 29)));
    assert_eq!([Date::new(2025, 2, 29), Date::new(2100, 2, 29), Date::new(0, 1, 1)], [None; 3]);
    assert!(Date::new(2024, 2, 29).is_some() && Date::new(2000, 2, 29).is_some());
    assert_eq!(Time::new(24, 0), None);
}
