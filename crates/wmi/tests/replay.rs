//! The live client against a server that answers with recorded Windows 10 traffic.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use serde_json::Value as Json;
use support::network::Network;
use support::{locator, recorded};
use winreach_cim::mof::{self, Scope};
use winreach_cim::{Object, SystemProperty, Value};
use winreach_wmi::{Enumeration, Options};

#[tokio::test(start_paused = true)]
async fn the_one_operating_system_is_read() {
    let (Some(answers), Some(values)) =
        (recorded::answers(), recorded::file("wmio/Win32_OperatingSystem.values.json"))
    else {
        return;
    };
    let network = Network::new(recorded::ports(answers));
    let services = locator(&network).connect().await.unwrap();
    let options = Options { enumeration: Enumeration::Smart, ..Options::default() };
    let wql = "select * from Win32_OperatingSystem";
    let rows = services.query_with(wql, &options).await.unwrap().collect().await.unwrap();
    assert_eq!(rows.len(), 1);
    let system = rows[0].to_instance().unwrap();
    assert_eq!(system.class().name(), "Win32_OperatingSystem");
    assert_eq!(SystemProperty::Server.of_instance(&system), Value::String("WORKSTATION6".into()));

    let values: Json = serde_json::from_slice(&std::fs::read(values).unwrap()).unwrap();
    let values = values.as_object().unwrap();
    assert_eq!(values.len(), 64);
    for (name, written) in values {
        let found = system.get(name).unwrap();
        assert_eq!(serde_json::to_value(found).unwrap(), written["value"], "{name}");
        assert_eq!(&rows[0].get(name).unwrap().to_value().unwrap(), found, "{name}, borrowed");
    }
}

#[tokio::test(start_paused = true)]
async fn the_class_of_processes_is_read_and_printed() {
    let Some(answers) = recorded::answers() else { return };
    let network = Network::new(recorded::ports(answers));
    let services = locator(&network).connect().await.unwrap();
    let Object::Class(class) = services.get("Win32_Process").await.unwrap() else {
        panic!("an instance");
    };
    assert_eq!(class.name(), "Win32_Process");
    assert_eq!((class.properties().len(), class.methods().len()), (45, 7));

    let text = mof::class(&class, Scope::All).to_string();
    assert!(text.contains("class Win32_Process : CIM_Process"), "{text}");
    for property in class.properties() {
        assert!(text.contains(&format!(" {}", property.name)), "{} is missing", property.name);
    }
    for method in class.methods() {
        assert!(text.contains(&format!(" {}(", method.name)), "{} is missing", method.name);
    }
}
