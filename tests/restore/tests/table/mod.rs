//! What a machine does, as a document: a row for each pair of state and input, and a diagram.

use std::collections::BTreeMap;
use std::fmt::Write;

use machine::Survey;
use machine::check::Visits;

/// The document of a machine.
pub(crate) fn table<M: Survey>(visits: &Visits, name: &str) -> String {
    let mut text = format!(
        "# {name}\n\nMade by `cargo xtask tables` from what the machine did, driven through all \
         its states with fixed seeds\n(`tests/restore`). `=` stays in the state; behind the colon \
         stands all that was put out on any of these ways.\n\n{}",
        diagram::<M>(visits)
    );
    for state in M::STATES {
        let _ = write!(text, "\n## {state}\n\n| input | what comes of it |\n|---|---|\n");
        for input in M::INPUTS {
            let _ = writeln!(text, "| {input} | {} |", cell::<M>(visits, state, input));
        }
    }
    text
}

fn cell<M: Survey>(visits: &Visits, state: &'static str, input: &'static str) -> String {
    let Some(after) = visits.after(state, input) else {
        let why = M::UNREACHABLE.iter().find(|(s, i, _)| (*s == "*" || *s == state) && *i == input);
        return why.map_or_else(|| "was not met".into(), |(.., why)| format!("cannot be: {why}"));
    };
    let one = |(next, outputs): (&&str, &std::collections::BTreeSet<String>)| {
        let next = if *next == state { "=" } else { *next };
        let outputs: Vec<_> = outputs.iter().map(String::as_str).collect();
        if outputs.is_empty() { next.to_owned() } else { format!("{next}: {}", outputs.join(", ")) }
    };
    after.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Every change of state, with all inputs that cause it.
fn diagram<M: Survey>(visits: &Visits) -> String {
    let mut edges: BTreeMap<(usize, &str), Vec<&str>> = BTreeMap::new();
    for (place, state) in M::STATES.iter().enumerate() {
        for input in M::INPUTS {
            for next in visits.after(state, input).into_iter().flatten().map(|(next, _)| *next) {
                if next != *state {
                    edges.entry((place, next)).or_default().push(input);
                }
            }
        }
    }
    let mut text = String::from("```mermaid\nstateDiagram-v2\n");
    let plain = |name: &str| name.replace(|c: char| !c.is_alphanumeric(), "_");
    for state in M::STATES.iter().filter(|state| plain(state) != **state) {
        let _ = writeln!(text, "  state \"{state}\" as {}", plain(state));
    }
    for ((place, next), inputs) in edges {
        let _ = writeln!(
            text,
            "  {} --> {}: {}",
            plain(M::STATES[place]),
            plain(next),
            inputs.join(", ")
        );
    }
    text + "```\n"
}
