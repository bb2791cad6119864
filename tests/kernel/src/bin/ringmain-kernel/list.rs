//! All tests in guests: what each runs, in which guest, and when.

/// When a test runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// With `make test` and with `make test-kernel`.
    Always,
    /// With `make test` only: a longer one of its kind takes its place in `make test-kernel`.
    Short,
    /// With `make test-kernel` only.
    Full,
}

/// A test.
pub(crate) struct Test {
    /// Its name.
    pub(crate) name: &'static str,
    /// When it runs.
    pub(crate) when: When,
    /// Package and binary of its program.
    pub(crate) program: &'static str,
    /// The words of `run` for it.
    pub(crate) words: &'static str,
    /// Those for a second guest with a span to the first.
    pub(crate) other: Option<&'static str>,
}

const fn test(name: &'static str, when: When, program: &'static str, words: &'static str) -> Test {
    Test { name, when, program, words, other: None }
}

const CHECK: &str = "kernel-tests/guest-check";
const SUITE: &str = "card-tests/ringmain-card-test";
const CALLS: &str = "scenarios/ringmain-kernel-calls";
const KILLS: &str = "scenarios/ringmain-kernel-kills";
const PINS: &str = "pins-test/ringmain-pins-test";
const CORE: &str = "scenarios/ringmain-kernel-pins";
const JACK: &str = "jack-test/ringmain-jack-test";

/// All, in the order in which they run.
pub(crate) const TESTS: &[Test] = &[
    test("spans", When::Full, CHECK, "-- spans"),
    test("card", When::Always, CHECK, "--card pairs=1,e1=1 -- card"),
    test(
        "buses",
        When::Full,
        CHECK,
        "--gpio 54 --module spi_loopback --module i2c-stub:chip_addr=0x20 \
         --module i2c-dev -- buses",
    ),
    test("suite", When::Always, SUITE, "--limit 180 -- --blocks 1500"),
    test(
        "suite-analog",
        When::Always,
        SUITE,
        "--card pairs=2,e1=1 --limit 120 -- --analog 1 --card 2 analog flash analog-linear \
         settings counters",
    ),
    // Fifteen at once and one more after the span was pulled.
    test(
        "calls-short",
        When::Short,
        CALLS,
        "--box --card pairs=2,e1=1 --limit 300 --host-limit 600 -- --sources /data --calls 15",
    ),
    test(
        "calls",
        When::Full,
        CALLS,
        "--box --card pairs=2,e1=1 --limit 900 --host-limit 1800 -- --sources /data --calls 100",
    ),
    test(
        "kills-short",
        When::Short,
        KILLS,
        "--box --card pairs=2,e1=1 --limit 300 --host-limit 600 -- --sources /data --kills 3 \
         --rest 10",
    ),
    test(
        "kills",
        When::Full,
        KILLS,
        "--box --card pairs=2,e1=1 --limit 900 --host-limit 1800 -- --sources /data",
    ),
    test(
        "pins",
        When::Always,
        PINS,
        "--module configfs --module gpio-sim --module i2c-dev \
         --module i2c-stub:chip_addr=0x48,0x50 --module spi_loopback",
    ),
    test(
        "jack-short",
        When::Short,
        JACK,
        "--module snd-aloop --with /usr/share/alsa/alsa.conf=/usr/share/alsa/alsa.conf \
         -- --seconds 30 --ppm 0",
    ),
    test(
        "jack",
        When::Full,
        JACK,
        "--module snd-aloop --with /usr/share/alsa/alsa.conf=/usr/share/alsa/alsa.conf \
         --limit 660 --host-limit 1800",
    ),
    test(
        "jack-unplug",
        When::Full,
        JACK,
        "--module snd-aloop --with /usr/share/alsa/alsa.conf=/usr/share/alsa/alsa.conf -- unplug",
    ),
    test(
        "core-pins",
        When::Full,
        CORE,
        "--also ringmain-core/ringmain-core --with @/boards=boards \
         --with /usr/share/alsa/alsa.conf=/usr/share/alsa/alsa.conf --card pairs=2,e1=1 \
         --module configfs --module gpio-sim --module i2c-dev \
         --module i2c-stub:chip_addr=0x48,0x50 --module snd-aloop --limit 120 -- all",
    ),
    test(
        "core-bare",
        When::Always,
        CORE,
        "--also ringmain-core/ringmain-core --with @/boards=boards \
         --with /usr/share/alsa/alsa.conf=/usr/share/alsa/alsa.conf --bare --limit 120 -- bare",
    ),
    test("spans-arm64", When::Full, CHECK, "--arch arm64 -- spans"),
    test("card-arm64", When::Full, CHECK, "--arch arm64 --card pairs=1,e1=1 -- card"),
    test(
        "buses-arm64",
        When::Full,
        CHECK,
        "--arch arm64 --gpio 54 --module spi_loopback --module i2c-stub:chip_addr=0x20 \
         --module i2c-dev -- buses",
    ),
    test("suite-arm64", When::Always, SUITE, "--arch arm64 --limit 180 -- --blocks 1500"),
    test(
        "calls-arm64",
        When::Full,
        CALLS,
        "--arch arm64 --box --card pairs=2,e1=1 --limit 300 --host-limit 900 \
         -- --sources /data --calls 15",
    ),
    test(
        "pins-arm64",
        When::Full,
        PINS,
        "--arch arm64 --module configfs --module gpio-sim --module i2c-dev \
         --module i2c-stub:chip_addr=0x48,0x50 --module spi_loopback",
    ),
    test(
        "jack-arm64",
        When::Full,
        JACK,
        "--arch arm64 --module snd-aloop --limit 150 --host-limit 900 \
         --with /usr/share/alsa/alsa.conf=/usr/share/alsa/alsa.conf -- --seconds 100 --ppm 250",
    ),
    test("pi", When::Full, CHECK, "--arch raspi3b --bare -- pi"),
    test("rppal", When::Always, PINS, "--arch raspi3b --bare -- rppal"),
    Test {
        name: "pair",
        when: When::Always,
        program: CHECK,
        words: "--limit 120 -- one",
        other: Some("--limit 120 -- other"),
    },
    Test {
        name: "tdmoe",
        when: When::Full,
        program: "scenarios/ringmain-tdmoe",
        // The pair is there for its clock: see README.md.
        words: "--box --card pairs=1,e1=0 --limit 600 --host-limit 900 -- box",
        other: Some("--box --limit 600 -- city"),
    },
];
