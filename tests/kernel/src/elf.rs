//! The little of ELF that is needed: what a program links with, and what a kernel module says
//! of itself. 64 bits, little end first, as all our guests are.

/// Kinds of segments (`p_type`) that are looked for.
const DYNAMIC: u32 = 2;
const INTERPRETER: u32 = 3;
const LOAD: u32 = 1;

fn number(data: &[u8], at: usize, octets: usize) -> Option<u64> {
    let field = data.get(at..at.checked_add(octets)?)?;
    Some(field.iter().rev().fold(0, |sum, &octet| sum << 8 | u64::from(octet)))
}

fn text(data: &[u8], at: usize) -> Option<String> {
    let rest = data.get(at..)?;
    let end = rest.iter().position(|&octet| octet == 0)?;
    String::from_utf8(rest[..end].to_vec()).ok()
}

/// Whether this is a program or library for a 64-bit machine.
#[must_use]
pub fn is_elf(data: &[u8]) -> bool {
    data.starts_with(b"\x7fELF\x02\x01")
}

/// The machine of a program: 62 for amd64, 183 for arm64 (`e_machine`).
#[must_use]
pub fn machine(data: &[u8]) -> Option<u16> {
    is_elf(data).then(|| number(data, 18, 2)).flatten().and_then(|n| u16::try_from(n).ok())
}

/// One entry of the table of segments.
struct Segment {
    kind: u64,
    offset: u64,
    address: u64,
    size: u64,
}

fn segments(data: &[u8]) -> Option<Vec<Segment>> {
    let table = usize::try_from(number(data, 32, 8)?).ok()?;
    let (each, count) = (number(data, 54, 2)?, number(data, 56, 2)?);
    let mut all = vec![];
    for index in 0..usize::try_from(count).ok()? {
        let at = table.checked_add(index.checked_mul(usize::try_from(each).ok()?)?)?;
        all.push(Segment {
            kind: number(data, at, 4)?,
            offset: number(data, at + 8, 8)?,
            address: number(data, at + 16, 8)?,
            size: number(data, at + 32, 8)?,
        });
    }
    Some(all)
}

/// What a program is linked with: its loader, and the libraries that it names.
#[must_use]
pub fn needed(data: &[u8]) -> Option<(Option<String>, Vec<String>)> {
    let segments = segments(data).filter(|_| is_elf(data))?;
    let find = |kind: u32| segments.iter().find(|segment| segment.kind == u64::from(kind));
    let loader = find(INTERPRETER).and_then(|s| text(data, usize::try_from(s.offset).ok()?));
    let Some(dynamic) = find(DYNAMIC) else { return Some((loader, vec![])) };
    let (mut names, mut strings) = (vec![], None);
    for entry in 0..dynamic.size / 16 {
        let at = usize::try_from(dynamic.offset + entry * 16).ok()?;
        match (number(data, at, 8)?, number(data, at + 8, 8)?) {
            (0, _) => break,
            (1, offset) => names.push(offset),
            (5, address) => strings = Some(address),
            _ => {}
        }
    }
    let strings = strings?;
    let segment = segments.iter().find(|s| {
        s.kind == u64::from(LOAD) && (s.address..s.address + s.size).contains(&strings)
    })?;
    let base = strings - segment.address + segment.offset;
    let names: Option<Vec<_>> =
        names.iter().map(|name| text(data, usize::try_from(base + name).ok()?)).collect();
    Some((loader, names?))
}

/// The modules that a kernel module wants loaded before it (`depends=` of `.modinfo`).
#[must_use]
pub fn module_depends(data: &[u8]) -> Vec<String> {
    let mark = b"\0depends=";
    let Some(at) = data.windows(mark.len()).position(|window| window == mark) else {
        return vec![];
    };
    let names = text(data, at + mark.len()).unwrap_or_default();
    names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_program_names_the_c_library_and_its_loader() {
        let data = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let (loader, names) = needed(&data).unwrap();
        assert!(loader.unwrap().contains("ld-linux"));
        assert!(names.iter().any(|name| name.starts_with("libc.so")), "{names:?}");
    }

    #[test]
    fn what_is_cut_off_is_no_program() {
        let data = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        for length in 0..200 {
            assert_eq!(needed(&data[..length]), None, "{length}");
        }
    }

    #[test]
    fn a_module_says_what_it_depends_on() {
        assert_eq!(module_depends(b"x\0depends=a,b\0y"), ["a", "b"]);
        assert_eq!(module_depends(b"x\0depends=\0y"), Vec::<String>::new());
    }
}
