//! Sockets and locks of a real folder.

use units::Duration;

use super::*;

#[test]
fn a_second_instance_is_told_the_process_of_the_first() {
    let dir = tempfile::tempdir().expect("a folder");
    let first = Instance::claim(dir.path(), "x").expect("free");
    match Instance::claim(dir.path(), "x") {
        Err(ClaimFault::Running { pid, .. }) => {
            assert_eq!(u32::try_from(pid).expect("a process"), std::process::id());
        }
        other => panic!("{other:?}"),
    }
    drop(first);
    Instance::claim(dir.path(), "x").expect("free again");
}

#[test]
fn datagrams_keep_their_bounds_and_a_stale_socket_is_replaced() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("s");
    let instance = Instance::claim(dir.path(), "x").expect("free");
    drop(offer(&path, &instance).expect("listens"));
    let listener = offer(&path, &instance).expect("replaces the stale one");
    let near = dial(&path).expect("connects");
    let far = accept(&listener).expect("no fault").expect("waits");
    assert_eq!(give(&near, b"one"), Giving::Sent);
    assert_eq!(give(&near, b"three"), Giving::Sent);
    let mut room = [0; 16];
    wait(&far, Duration::from_secs(1));
    assert_eq!(read(&far, &mut room), Reading::Datagram(3));
    assert_eq!(read(&far, &mut room), Reading::Datagram(5));
    assert_eq!(read(&far, &mut room), Reading::Nothing);
    assert_eq!(peer(&far), i32::try_from(std::process::id()).ok());
    drop(near);
    assert_eq!(read(&far, &mut room), Reading::End);
    assert!(!write(&far, b"nobody"));
}
