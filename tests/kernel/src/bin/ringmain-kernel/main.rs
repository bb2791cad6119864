//! Guests with real kernel interfaces, from the command line: `ringmain-kernel help`.

mod arguments;
mod figures;
mod list;
mod tests;

use std::process::ExitCode;
use std::time::Duration;

use arguments::{Arguments, USAGE};
use kernel_tests::guest::{self, Base, Job, keep, two_spans};
use kernel_tests::initramfs::Contents;
use kernel_tests::pair;
use kernel_tests::plan::Step;
use kernel_tests::{Arch, Fault, Outcome, say, timed};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = words.split_first().map_or(("help", &[][..]), |(c, r)| (c.as_str(), r));
    let done = match command {
        "run" => Arguments::read(rest).and_then(|arguments| run(&arguments)),
        "pair" => two(rest),
        "test" => tests::run(rest).map(u8::from),
        "build" => timed("all that guests are made of", || {
            let arch = if rest.contains(&"arm64".to_owned()) { Arch::Arm64 } else { Arch::Amd64 };
            Base::new(arch).map(|_| 0)
        }),
        _ => {
            say(USAGE);
            Ok(if command == "help" { 0 } else { 2 })
        }
    };
    match done {
        Ok(status) => ExitCode::from(status),
        Err(Fault(fault)) => {
            say(&format!("kernel: {fault}\n"));
            ExitCode::FAILURE
        }
    }
}

/// Runs one program in a guest and returns its exit status.
fn run(arguments: &Arguments) -> Outcome<u8> {
    let report = report(arguments, &mut |line| say(&format!("{line}\n")))?;
    say(&format!("kernel: the guest ran for {:.1} s\n", report.took.as_secs_f32()));
    judge(&arguments.job, &report)
}

/// Runs one program in a guest; `each` sees what it says.
fn report(arguments: &Arguments, each: &mut dyn FnMut(&str)) -> Outcome<guest::Report> {
    let base = Base::new(arguments.arch())?;
    let job = &arguments.job;
    let folder = base.cache.path(&format!("run/{}", job.name));
    let mut contents = base.contents();
    let mut steps = prepare(&base, arguments, &mut contents)?;
    for (package, name) in &arguments.also {
        contents.add(&format!("/bin/{name}"), &base.program(package, name)?);
    }
    steps.push(job.put(&base, &mut contents)?);
    let setup = arguments.setup(&base, &folder);
    // Others may build while this runs.
    let Base { cache, .. } = base;
    let mut guest = guest::boot(&setup, &contents, steps)?;
    drop(cache);
    let report = guest::follow(&mut guest, arguments.host_limit, each)?;
    keep(&report.files, &arguments.out.clone().unwrap_or_else(|| folder.join("out")))?;
    Ok(report)
}

/// Runs two programs in two guests that a span joins, and tells what failed.
fn two(words: &[String]) -> Outcome<u8> {
    let [one, other] = words else { return Err(Fault(USAGE.into())) };
    let read = |text: &String| {
        Arguments::read(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    };
    let both = [read(one)?, read(other)?];
    let reports = pair_report(&both, &mut |number, line| say(&format!("{number}: {line}\n")))?;
    reports.iter().try_for_each(guest::Report::judge).map(|()| 0)
}

/// Runs two programs in two guests; `each` sees what they say.
fn pair_report(
    both: &[Arguments; 2],
    each: &mut dyn FnMut(usize, &str),
) -> Outcome<[guest::Report; 2]> {
    let base = Base::new(both[0].arch())?;
    let mut setups = vec![];
    for (number, arguments) in both.iter().enumerate() {
        let folder = base.cache.path(&format!("run/pair/{}-{number}", arguments.job.name));
        let mut contents = base.contents();
        let mut modules = vec![("dahdi", "auto_assign_spans=1"), ("dahdi_echocan_mg2", "")];
        modules.extend(pair::MODULES);
        modules.extend(modules_of(arguments));
        let mut steps = base.modules(&mut contents, &modules)?;
        steps.extend(pair::span(number));
        steps.push(arguments.job.put(&base, &mut contents)?);
        let setup = arguments.setup(&base, &folder);
        guest::prepare(&setup, &contents, steps)?;
        setups.push(setup);
    }
    let mut setups =
        <[_; 2]>::try_from(setups).map_err(|_| Fault("There are two guests in a pair.".into()))?;
    pair::join(&mut setups)?;
    drop(base);
    let reports = pair::run(setups, both[0].host_limit, each)?;
    for (report, arguments) in reports.iter().zip(both) {
        if let Some(folder) = &arguments.out {
            keep(&report.files, folder)?;
        }
    }
    Ok(reports)
}

/// The modules and spans that the program finds.
fn prepare(base: &Base, arguments: &Arguments, contents: &mut Contents) -> Outcome<Vec<Step>> {
    if arguments.bare {
        return base.modules(contents, &modules_of(arguments));
    }
    let mut modules = vec![("dahdi", "auto_assign_spans=1"), ("dahdi_echocan_mg2", "")];
    if !arguments.has_card() {
        modules.push(("dahdi_dynamic_loc", ""));
    }
    modules.extend(modules_of(arguments));
    if arguments.gpio.is_some() {
        modules.extend([("configfs", ""), ("gpio-sim", "")]);
    }
    let mut steps = base.modules(contents, &modules)?;
    steps.extend(arguments.gpio.map(Step::Gpio));
    if !arguments.has_card() {
        steps.extend(two_spans());
    }
    Ok(steps)
}

fn modules_of(arguments: &Arguments) -> Vec<(&str, &str)> {
    arguments.modules.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

fn judge(job: &Job, report: &guest::Report) -> Outcome<u8> {
    let own = report.results.iter().find(|(name, _)| *name == job.name);
    let others: Vec<_> = report.results.iter().filter(|(name, _)| *name != job.name).collect();
    for (name, fault) in others {
        say(&format!("kernel: {name}: {}\n", fault.as_deref().unwrap_or("ok")));
    }
    match own {
        Some((_, None)) => Ok(0),
        Some((_, Some(fault))) => {
            say(&format!("kernel: {}: {fault}\n", job.name));
            Ok(fault.strip_prefix("exit ").and_then(|code| code.parse().ok()).unwrap_or(1))
        }
        None => Err(Fault(format!("{} has no result.", job.name))),
    }
}

/// Host time that a guest may take, when none is given.
const HOST_LIMIT: Duration = Duration::from_secs(300);
