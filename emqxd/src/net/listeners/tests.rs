//! Changes that cannot be made leave everything as it was.

use std::net::TcpListener;
use std::path::Path;

use super::*;

fn open(data_dir: &Path) -> Listeners {
    let mut config = Config {
        allow_anonymous_said: true,
        ..Config::default()
    };
    config.listeners.clear();
    Listeners::open(Arc::new(config), data_dir.to_owned()).unwrap()
}

fn at(address: &str) -> ListenerChange {
    ListenerChange {
        bind: Some(Bind::parse(address).unwrap()),
        ..ListenerChange::default()
    }
}

async fn add(listeners: &Listeners, name: &str) -> u16 {
    let added = listeners.add(name, ListenerKind::Tcp, at("127.0.0.1:0"));
    port(added.await.unwrap().address)
}

fn port(address: Option<Bind>) -> u16 {
    match address {
        Some(Bind::Tcp(address)) => address.port(),
        other => panic!("{other:?}"),
    }
}

fn is_bound(address: &str) -> bool {
    std::net::TcpStream::connect(address).is_ok()
}

#[tokio::test]
async fn an_address_may_become_all_addresses_of_its_port() {
    let folder = tempfile::tempdir().unwrap();
    let listeners = open(folder.path());
    // Another program may have the port at one of the other addresses; not ten times.
    for name in (0..10).map(|attempt| format!("a{attempt}")) {
        let port = add(&listeners, &name).await;
        let everywhere = format!("0.0.0.0:{port}");
        match listeners.set(&name, at(&everywhere)).await {
            Ok(moved) => {
                assert_eq!(moved.address.unwrap().to_string(), everywhere);
                assert!(is_bound(&format!("127.0.0.2:{port}")));
                return;
            }
            Err(ListenerError::Bind(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("no port is free at all addresses");
}

#[tokio::test]
async fn an_address_that_was_given_up_in_vain_is_taken_again() {
    let folder = tempfile::tempdir().unwrap();
    let listeners = open(folder.path());
    let port = add(&listeners, "a").await;
    let _foreign = TcpListener::bind(("127.0.0.3", port)).unwrap();
    let refused = listeners.set("a", at(&format!("0.0.0.0:{port}"))).await;
    assert!(
        matches!(refused, Err(ListenerError::Bind(_))),
        "{refused:?}"
    );
    let own = format!("127.0.0.1:{port}");
    let status = &listeners.list()[0];
    assert_eq!(status.address.as_ref().unwrap().to_string(), own);
    assert_eq!((&status.problem, is_bound(&own)), (&None, true));
}

#[tokio::test]
async fn a_change_that_cannot_be_kept_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    std::fs::create_dir(&data_dir).unwrap();
    let listeners = open(&data_dir);
    let port = add(&listeners, "a").await;
    std::fs::remove_dir_all(&data_dir).unwrap();
    let set = listeners.set("a", at("127.0.0.2:0")).await;
    let removed = listeners.remove("a", false).await;
    let added = listeners
        .add("b", ListenerKind::Tcp, at("127.0.0.1:0"))
        .await;
    for refused in [set, removed, added] {
        let error = refused.unwrap_err();
        assert!(matches!(error, ListenerError::Keep { .. }), "{error}");
        assert!(error.to_string().contains("listeners.json"), "{error}");
    }
    let all = listeners.list();
    assert_eq!(all.len(), 1);
    assert!(is_bound(&format!("127.0.0.1:{port}")));
}

#[tokio::test]
async fn a_name_of_the_file_that_was_removed_may_be_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.listeners[0].settings.bind = Bind::parse("127.0.0.1:0").unwrap();
    let config = Arc::new(config);
    let reopen = || Listeners::open(Arc::clone(&config), folder.path().to_owned()).unwrap();
    let names = |listeners: &Listeners| {
        let all = listeners.list().into_iter();
        all.map(|status| (status.name.to_string(), status.origin))
            .collect::<Vec<_>>()
    };
    let listeners = reopen();
    listeners.remove("mqtt", false).await.unwrap();
    drop(listeners);
    let listeners = reopen();
    assert_eq!(names(&listeners), []);
    add(&listeners, "mqtt").await;
    drop(listeners);
    let expected = [("mqtt".to_owned(), ListenerOrigin::Runtime)];
    assert_eq!(names(&reopen()), expected);
    reopen().remove("mqtt", false).await.unwrap();
    assert_eq!(names(&reopen()), []);
}
