//! What the calls of a storm need of the configuration: a number and a flow for each telephone and
//! for each way out, and a menu that is patient.

use std::fmt::Write;

use super::{KEYS, OUTSIDE, key};
use crate::Settings;

/// Adds to `settings` what the calls of a storm need: numbers, flows, ways out.
#[must_use]
pub fn documents(mut settings: Settings) -> Settings {
    let mut config = String::new();
    let mut number = |called: &str, flow: &str| {
        let _ = write!(config, "\n[[number]]\ncalled = \"{called}\"\nflow = \"{flow}\"\n");
    };
    let mut flows = vec![];
    for port in 1..=settings.telephones {
        number(&format!("7{port:02}"), &format!("desk{port}"));
        flows.push((format!("desk{port}"), ring(&format!("8{port:02}"))));
    }
    for way in 1..=OUTSIDE {
        number(&format!("6{way:03}"), &format!("out{way}"));
        let span = way % settings.spans + 1;
        flows.push((format!("out{way}"), ring(&format!("9{span}555{way:03}"))));
    }
    number("95599", "long");
    flows.push(("long".into(), menu(settings.telephones.min(KEYS))));
    for span in 1..=settings.spans {
        let _ = write!(
            config,
            "\n[[trunk]]\nprefix = \"9{span}\"\nspan = {span}\nstrip = 2\nat_least = 4\n"
        );
    }
    settings.more.push(("config/config.toml".into(), config));
    let flows = flows.into_iter().map(|(name, text)| (format!("config/flows/{name}.toml"), text));
    settings.more.extend(flows);
    settings
}

/// A flow that rings a number without a word.
fn ring(number: &str) -> String {
    format!(
        "title = \"Rings {number}\"\nlanguages = [\"zh\"]\nstart = \"ring\"\n\n\
         [[step]]\nid = \"ring\"\ndo = \"ring\"\nnumber = \"{number}\"\nseconds = 600\n\
         otherwise = \"end\"\n\n[[step]]\nid = \"end\"\ndo = \"release\"\ncause = 16\n"
    )
}

/// A menu that is patient.
fn menu(keys: usize) -> String {
    let list: Vec<_> = (1..=keys).map(|port| format!("{} = \"desk{port}\"", key(port))).collect();
    let mut text = format!(
        "title = \"A long menu\"\nlanguages = [\"zh\", \"en\"]\nstart = \"answer\"\n\n\
         [[step]]\nid = \"answer\"\ndo = \"answer\"\nnext = \"menu\"\n\n\
         [[step]]\nid = \"menu\"\ndo = \"menu\"\nprompts = [\"welcome\", \"menu\"]\n\
         invalid = [\"invalid\"]\nkeys = {{ {} }}\nwait_seconds = 5\nattempts = 20\n\
         otherwise = \"end\"\n\n[[step]]\nid = \"end\"\ndo = \"release\"\ncause = 16\n",
        list.join(", ")
    );
    for port in 1..=keys {
        let _ = write!(
            text,
            "\n[[step]]\nid = \"desk{port}\"\ndo = \"ring\"\nnumber = \"8{port:02}\"\n\
             seconds = 600\notherwise = \"end\"\n"
        );
    }
    text
}
