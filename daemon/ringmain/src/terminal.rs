//! The console with a person at it: line editing, Tab, `?`, history.

use std::cell::RefCell;
use std::rc::Rc;

use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{
    Cmd, CompletionType, Config, Context, Editor, Event, EventHandler, Helper, Highlighter, Hinter,
    KeyEvent, Validator,
};

use crate::client::Client;
use crate::{complain, show};

#[derive(Helper, Hinter, Highlighter, Validator)]
struct Asking {
    client: Rc<RefCell<Client>>,
}

impl Completer for Asking {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let before = &line[..at];
        let start = before.rfind(char::is_whitespace).map_or(0, |space| space + 1);
        let typed = &before[start..];
        let found = self.client.borrow_mut().candidates(before).unwrap_or_default();
        let pair = |(word, literal, about): (String, bool, String)| Pair {
            display: format!("{word:12} {about}"),
            // A kind of word (NUMBER) is shown, not filled in.
            replacement: if literal { word + " " } else { typed.to_owned() },
        };
        Ok((start, found.into_iter().map(pair).collect()))
    }
}

/// Talks until `quit`. Always done: what failed was said.
pub(crate) fn run(client: Client) -> std::io::Result<bool> {
    let client = Rc::new(RefCell::new(client));
    let config = Config::builder()
        .completion_type(CompletionType::List)
        // One `?` shows all that may come.
        .completion_show_all_if_ambiguous(true)
        .build();
    let mut editor: Editor<Asking, DefaultHistory> =
        Editor::with_config(config).map_err(std::io::Error::other)?;
    editor.set_helper(Some(Asking { client: client.clone() }));
    let question = KeyEvent::new('?', rustyline::Modifiers::NONE);
    editor.bind_sequence(Event::from(question), EventHandler::Simple(Cmd::Complete));
    show("Ringmain. Type ? for what may come next, quit to leave.\n");
    loop {
        let line = match editor.readline("ringmain> ") {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Ok(true),
            Err(fault) => return Err(std::io::Error::other(fault)),
        };
        if "quit".starts_with(line.trim()) && !line.trim().is_empty() {
            return Ok(true);
        }
        let _ = editor.add_history_entry(&line);
        if line.trim_start().starts_with('w') {
            // What is told as it happens ends with Enter.
            let stop = client.borrow().interrupt()?;
            std::thread::spawn(move || {
                let _ = std::io::stdin().read_line(&mut String::new());
                stop();
            });
        }
        let (ok, text) = client.borrow_mut().ask(&line, show)?;
        if ok {
            show(&text);
        } else {
            complain(&text);
        }
    }
}
