//! Every capacity of the firmware in one place, and how they relate.
//!
//! A queue, a table, a retry or a loop without a limit is a defect; a limit without a name here is
//! one too. What happens at each limit is told where the limit is met (`Fault::Full`).
#![no_std]

/// E1 spans of one box.
pub const SPANS: usize = 16;
/// Spans of one PRI group.
pub const GROUP_SPANS: usize = 8;
/// B channels of one span, 31 where another's D channel controls it, times the spans.
pub const B_CHANNELS: usize = 31 * SPANS;
/// Analog ports of one box.
pub const ANALOG_PORTS: usize = 64;
/// Audio jacks of one box.
pub const JACKS: usize = 16;
/// Lines of one trunk at most.
pub const TRUNK_LINES: usize = 16;
/// Ports in the engine's matrix.
pub const PORTS: usize = B_CHANNELS + ANALOG_PORTS + JACKS;
/// Lines: one PRI group a span at most, every analog port, every jack.
pub const LINES: usize = SPANS + ANALOG_PORTS + JACKS;
/// Legs that can exist at once: each port carries one, and a leg may wait for a port.
pub const LEGS: usize = PORTS + 64;
/// Calls that can exist at once.
pub const CALLS: usize = LEGS;
/// Calls of one PRI group at once for each of its spans, those that are still being refused
/// included.
pub const CALLS_PER_SPAN: usize = 64;

/// Conferences that go on at once.
pub const ROOMS: usize = 16;
/// Parties of one conference at most.
pub const ROOM_PARTIES: usize = 64;
/// Parties of a conference that may be limited to fewer: with two it is a call.
pub const ROOM_PARTIES_MIN: usize = 3;

/// Length of a tick, in microseconds: one block of every port.
pub const TICK_US: u64 = 2000;
/// Octets of a Q.921 frame: address, control and N201 = 260 octets of information (Q.921 5.9.3).
pub const FRAME_OCTETS: usize = 264;
/// Octets of information in one I frame: N201 (Q.921 5.9.3).
pub const N201: usize = 260;
/// D-channel frames that wait for the line in each direction of one span.
pub const D_QUEUE: usize = 32;
/// Messages of layer 3 that the far end has not acknowledged: every call of a span may say several
/// things at once.
pub const MESSAGE_QUEUE: usize = 128;

/// Messages from the line thread that the control thread has not read yet.
pub const LINE_RING: usize = 4096;
/// Commands from the control thread that the line thread has not read yet.
pub const COMMAND_RING: usize = 4096;

/// Places whose sound is written to files at once: recorded calls, and those listened to.
pub const TAPS: usize = 64;
/// Blocks of taps that wait for the thread that writes them: two seconds of all.
pub const TAP_RING: usize = 64 << 10;
/// Octets of free room on the disk below which nothing is recorded: the rest is for records and for
/// the system.
pub const RECORDING_RESERVE: u64 = 16 << 20;

/// Samples that a buffer of packets keeps: 512 ms, heard ones included.
pub const JITTER_SAMPLES: usize = 4096;
/// Samples of one packet: 30 ms at 8 kHz.
pub const JITTER_PACKET_SAMPLES: usize = 240;
/// Milliseconds that a buffer of packets delays at most.
pub const JITTER_DELAY_MS: usize = 200;

/// Prompts held in locked memory.
pub const PROMPTS: usize = 1024;
/// Octets of what is passed on of one signalling message: a user-user element (131) and more.
pub const ELEMENTS: usize = 200;
/// Octets of a second of a channel.
pub const SECOND_OCTETS: usize = 8000;
/// Octets of one prompt: ten minutes of A-law, for music.
pub const PROMPT_OCTETS: usize = 600 * SECOND_OCTETS;
/// Pieces of music that wait for callers.
pub const MUSIC: usize = 16;
/// Octets of all prompts together.
pub const PROMPT_MEMORY: usize = 64 << 20;

/// Steps of one flow program.
pub const PROGRAM_STEPS: usize = 256;
/// Choices of one menu: one for each key.
pub const MENU_CHOICES: usize = 16;
/// Prompts that one step plays in a row: words of what is said are prompts too.
pub const PROMPTS_PER_STEP: usize = 128;
/// Words of one thing said: the digits of the longest number, or an amount of 12 digits.
pub const SAID_WORDS: usize = 36;
/// Words of one language.
pub const VOCABULARY: usize = 160;
/// Languages in which one flow says numbers.
pub const SAID_LANGUAGES: usize = 2;
/// Octets of one compiled flow program.
pub const PROGRAM_OCTETS: usize = 64 << 10;
/// Steps that a flow may take without waiting for anything: more is a loop.
pub const STEPS_WITHOUT_WAITING: usize = 64;

/// Octets of one datagram between core and daemon; a socket buffer holds about 200 KB.
pub const LINK_DATAGRAM: usize = 16 << 10;
/// Octets of one chunk of something larger than a datagram.
pub const LINK_CHUNK: usize = 12 << 10;
/// Octets of the events' spool on disk.
pub const SPOOL_OCTETS: u64 = 16 << 20;
/// Octets at the spool's end that only records may use: detail events go first.
pub const SPOOL_RESERVE: u64 = 4 << 20;
/// Events sent to the daemon that it has not acknowledged yet.
pub const LINK_WINDOW: usize = 256;
/// Steps of a call's way that its record keeps; later ones are dropped.
pub const RECORD_PATH: usize = 8;
/// Octets of the journal: two areas, each larger than all that can go on at once.
pub const JOURNAL_OCTETS: usize = 16 << 20;
/// Octets of a snapshot of one machine.
pub const SNAPSHOT_OCTETS: usize = 64 << 10;

const _: () = assert!(FRAME_OCTETS == N201 + 4, "a frame is address, control and information");
const _: () =
    assert!(ROOM_PARTIES_MIN < ROOM_PARTIES && ROOM_PARTIES <= PORTS, "parties are ports");
const _: () = assert!(LEGS >= PORTS, "every port can carry a leg");
const _: () = assert!(LINE_RING >= 2 * PORTS, "one tick may report every port twice");
const _: () = assert!(COMMAND_RING >= 2 * PORTS, "all ports may be commanded in one step");
const _: () = assert!(
    512 + 8 * JITTER_DELAY_MS + JITTER_PACKET_SAMPLES < JITTER_SAMPLES,
    "what was heard, the longest delay and a packet fit the buffer"
);
const _: () = assert!(JITTER_SAMPLES.is_multiple_of(64), "whole words of marks");
const _: () =
    assert!(TAP_RING as u64 * TICK_US > TAPS as u64 * 2_000_000, "two seconds of all taps fit");
const _: () = assert!(TAPS <= PORTS, "a call has a port");
const _: () = assert!(LINK_CHUNK < LINK_DATAGRAM, "a chunk and its header fit a datagram");
const _: () = assert!(SPOOL_RESERVE < SPOOL_OCTETS, "detail events have room too");
const _: () = assert!(
    PROMPTS_PER_STEP >= SAID_LANGUAGES * (SAID_WORDS + 8),
    "a number and its sentence fit a step in every language"
);
const _: () = assert!(
    SAID_LANGUAGES * VOCABULARY <= PROMPTS / 2,
    "the words of all languages leave room for the prompts of flows"
);
const _: () = assert!(
    SAID_LANGUAGES * VOCABULARY * (32 + 24) < PROGRAM_OCTETS / 2,
    "a program names its words, 32 octets and a name each, and has room for steps"
);
const _: () = assert!(PROMPT_OCTETS < PROMPT_MEMORY, "one prompt fits the memory of all");
