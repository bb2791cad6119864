//! `ringmain-core detect`: a board file proposed from what the kernel shows of this machine.

use std::path::Path;

use board::{FoundPort, FoundSpan};
use hal_dahdi::{Found, Kernel, System, survey};

use crate::hardware::DAHDI;

/// What `detect` prints: a board file, and remarks where something could not be asked.
#[must_use]
pub fn detect() -> String {
    let kernel = System::new(Path::new(DAHDI));
    let mut text = board::propose(&spans(&kernel), &jacks());
    match kernel.channel(1) {
        Err(libc::ENOENT) => text.push_str(
            "\n# There is no /dev/dahdi: no driver of a telephony card is loaded. Cards by\n\
             # Digium, Sangoma, OpenVox and Xorcom need the package dahdi and their module.\n",
        ),
        Err(libc::EACCES | libc::EPERM) => text.push_str(
            "\n# /dev/dahdi may not be opened: run this as root or as a member of its group.\n",
        ),
        Ok(_) | Err(_) => {}
    }
    text
}

fn spans(kernel: &impl Kernel) -> Vec<FoundSpan> {
    let found = survey(kernel);
    found.iter().map(found_span).collect()
}

fn found_span(found: &Found) -> FoundSpan {
    let port = |telephone| move |number| FoundPort { channel: number, telephone };
    let ports = found.channels.iter().filter_map(|channel| {
        let telephone = channel.for_telephone().then(|| port(true)(channel.number));
        telephone.or_else(|| channel.for_exchange().then(|| port(false)(channel.number)))
    });
    let ports: Vec<_> = ports.collect();
    FoundSpan {
        number: found.span.number,
        description: found.span.description.clone(),
        location: found.span.location.clone(),
        // A line whose channels may be anything is digital.
        digital: ports.is_empty() && !found.channels.is_empty(),
        ports,
    }
}

/// Sound cards as the kernel lists them: `00-00: name : name : playback 1 : capture 1`.
fn jacks() -> Vec<(String, String)> {
    let list = std::fs::read_to_string("/proc/asound/pcm").unwrap_or_default();
    list.lines().filter_map(jack).collect()
}

fn jack(line: &str) -> Option<(String, String)> {
    let (place, about) = line.split_once(':')?;
    let (card, device) = place.split_once('-')?;
    let number = |text: &str| text.trim().parse::<u8>().ok();
    Some((format!("hw:{},{}", number(card)?, number(device)?), about.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_card_is_named_as_alsa_names_it() {
        let line = "01-00: Loopback PCM : Loopback PCM : playback 8 : capture 8";
        let about = "Loopback PCM : Loopback PCM : playback 8 : capture 8";
        assert_eq!(jack(line), Some(("hw:1,0".into(), about.into())));
        assert_eq!(jack("no card"), None);
    }

    #[test]
    fn lines_and_ports_of_the_kernel_become_a_board() {
        let found = spans(&hal_dahdi::fake::Fake::new(1, 2));
        let text = board::propose(&found, &[]);
        let board = board::read(
            &|file: &str| {
                if file == "detected.toml" { Ok(text.clone()) } else { Ok(String::new()) }
            },
            "detected",
        )
        .expect("a board");
        let spans: Vec<_> = board.card.values().flat_map(|card| &card.span).collect();
        let phones: Vec<_> = board.card.values().flat_map(|card| &card.telephone).collect();
        let lines: Vec<_> = board.card.values().flat_map(|card| &card.trunk).collect();
        assert_eq!((spans.len(), phones.len(), lines.len()), (2, 2, 2), "{text}");
        assert_eq!(lines[0].1.kernel, 64, "{text}");
    }
}
