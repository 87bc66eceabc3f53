use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use winreach_cim::{CimType, Instance, Name, Property, Qualifier, Value};

use super::*;
use crate::MemoryProvider;
use crate::provider::{Provider, ProviderError, Request};

fn device() -> Arc<Class> {
    let class = Class::builder("Acme_Device")
        .qualifier(Qualifier::new("abstract", true))
        .property(Property::new("Id", CimType::String).key())
        .property(Property::new("Watts", CimType::Uint32))
        .build();
    Arc::new(class.unwrap())
}

fn lamp(device: &Arc<Class>) -> Arc<Class> {
    let class = Class::derive("Acme_Lamp", device).property(Property::new("Lit", CimType::Boolean));
    Arc::new(class.build().unwrap())
}

fn heater(device: &Arc<Class>) -> Arc<Class> {
    let class =
        Class::derive("Acme_Heater", device).property(Property::new("Degrees", CimType::Sint16));
    Arc::new(class.build().unwrap())
}

fn instance(class: &Arc<Class>, id: &str, watts: u32) -> Instance {
    let mut instance = Instance::new(Arc::clone(class));
    instance.set("Id", id);
    instance.set("Watts", watts);
    instance
}

/// Serves what it was given, and keeps what it was asked.
struct Recorder {
    inner: MemoryProvider,
    log: Arc<Mutex<Vec<String>>>,
}

impl Provider for Recorder {
    fn class(&self) -> &Arc<Class> {
        self.inner.class()
    }

    fn enumerate(
        &self,
        request: &Request,
        sink: &mut dyn FnMut(Instance) -> ControlFlow<()>,
    ) -> Result<(), ProviderError> {
        let wanted: Vec<&str> =
            ["Id", "Watts", "Lit"].into_iter().filter(|name| request.wants(name)).collect();
        let equal = request.equal_to("Watts");
        self.log.lock().unwrap().push(format!("enumerate {wanted:?} {equal:?}"));
        self.inner.enumerate(request, sink)
    }

    fn get(&self, keys: &[(Name, Value)]) -> Result<Option<Instance>, ProviderError> {
        self.log.lock().unwrap().push(format!("get {keys:?}"));
        self.inner.get(keys)
    }
}

struct House {
    engine: Engine,
    log: Arc<Mutex<Vec<String>>>,
}

fn house() -> House {
    let device = device();
    let (lamp, heater) = (lamp(&device), heater(&device));
    let log = Arc::default();
    let mut hall = instance(&lamp, "hall", 40);
    hall.set("Lit", true);
    let lamps = Recorder {
        inner: MemoryProvider::new(lamp.clone(), vec![hall, instance(&lamp, "attic", 25)]),
        log: Arc::clone(&log),
    };
    let heaters = MemoryProvider::new(heater.clone(), vec![instance(&heater, "bath", 2000)]);
    let repository = Repository::builder("HOUSE")
        .provider("root/cimv2", Arc::new(lamps))
        .provider("root/cimv2", Arc::new(heaters))
        .build()
        .unwrap();
    House { engine: Engine::new(repository, Limits::default()), log }
}

impl House {
    fn plan(&self, query: &str) -> Result<Plan, Error> {
        let namespace = self.engine.namespace(r"root\cimv2")?;
        self.engine.plan(&namespace, "WQL", query, Options::default())
    }

    fn rows(&self, query: &str) -> Vec<Instance> {
        rows(&self.plan(query).unwrap())
    }

    fn ids(&self, query: &str) -> Vec<String> {
        ids(&self.rows(query))
    }

    fn get(&self, path: &str) -> Result<Object, Error> {
        let namespace = self.engine.namespace(r"root\cimv2")?;
        self.engine.get(&namespace, path, Depth::Deep)
    }

    fn log(&self) -> Vec<String> {
        std::mem::take(&mut self.log.lock().unwrap())
    }
}

fn rows(plan: &Plan) -> Vec<Instance> {
    let mut rows = Vec::new();
    plan.run(&mut |row| {
        rows.extend(row);
        ControlFlow::Continue(())
    })
    .unwrap();
    rows
}

fn ids(rows: &[Instance]) -> Vec<String> {
    rows.iter().map(|row| row.get("Id").unwrap().as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_scan_filters_and_decorates() {
    let house = house();
    let rows = house.rows("SELECT * FROM Acme_Lamp WHERE Watts > 30");
    assert_eq!(ids(&rows), ["hall"]);
    let decoration = rows[0].decoration().unwrap();
    assert_eq!((&*decoration.server, &*decoration.namespace), ("HOUSE", r"root\cimv2"));
    assert_eq!(rows[0].get("Lit"), Some(&Value::Boolean(true)));
}

#[test]
fn a_superclass_gives_the_instances_of_its_subclasses() {
    let house = house();
    assert_eq!(house.ids("SELECT * FROM ACME_DEVICE"), ["hall", "attic", "bath"]);
    assert_eq!(house.ids("SELECT * FROM Acme_Device WHERE Watts < 100"), ["hall", "attic"]);
    assert_eq!(house.ids("SELECT * FROM Acme_Device WHERE __CLASS = 'acme_heater'"), ["bath"]);
    assert_eq!(house.log().len(), 2, "the last query need not ask for lamps");

    let namespace = house.engine.namespace("root/cimv2").unwrap();
    let options = Options { depth: Depth::Direct, ..Options::default() };
    let direct =
        house.engine.plan(&namespace, "wql", "SELECT * FROM Acme_Device", options).unwrap();
    assert_eq!(ids(&rows(&direct)), [""; 0]);
}

#[test]
fn columns_make_one_class_for_all_rows() {
    let house = house();
    let rows = house.rows("SELECT watts FROM Acme_Lamp");
    assert_eq!(rows.len(), 2);
    assert!(Arc::ptr_eq(rows[0].class(), rows[1].class()));
    let names: Vec<_> =
        rows[0].iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    assert_eq!(names, [("Watts", Value::Uint32(40))]);
    assert_eq!(rows[0].class().name(), "Acme_Lamp");
}

#[test]
fn a_column_that_is_a_path_brings_the_keys_along() {
    let house = house();
    let plan = house.plan("SELECT __RELPATH, Watts FROM Acme_Lamp").unwrap();
    assert!(!plan.drops_keys());
    assert_eq!(ids(&rows(&plan)), ["hall", "attic"]);
    assert!(house.plan("SELECT Watts FROM Acme_Lamp").unwrap().drops_keys());

    let namespace = house.engine.namespace("root/cimv2").unwrap();
    let options = Options { locatable: true, ..Options::default() };
    let query = "SELECT Watts FROM Acme_Lamp";
    let locatable = house.engine.plan(&namespace, "WQL", query, options).unwrap();
    assert!(!locatable.drops_keys());
    assert_eq!(ids(&rows(&locatable)), ["hall", "attic"]);
}

#[test]
fn a_filter_on_a_property_that_is_no_column_holds() {
    assert_eq!(house().ids("SELECT Id FROM Acme_Lamp WHERE Lit = TRUE"), ["hall"]);
}

#[test]
fn keys_are_looked_up() {
    let house = house();
    assert_eq!(house.ids("SELECT * FROM Acme_Lamp WHERE id = 'HALL' AND Watts > 3"), ["hall"]);
    assert_eq!(house.log(), [r#"get [("Id", String("HALL"))]"#]);
    assert_eq!(house.ids("SELECT * FROM Acme_Lamp WHERE Id = 'hall' AND Watts < 3"), [""; 0]);
    assert_eq!(house.ids("SELECT * FROM Acme_Lamp WHERE Id = 'cellar'"), [""; 0]);
    house.log();

    assert_eq!(house.ids("SELECT * FROM Acme_Lamp WHERE Id = 'hall' OR Watts = 25").len(), 2);
    assert_eq!(house.ids("SELECT * FROM Acme_Lamp WHERE NOT Id = 'hall'"), ["attic"]);
    assert!(house.log().iter().all(|call| call.starts_with("enumerate")));
}

#[test]
fn the_provider_hears_what_is_wanted_and_which_equalities_hold() {
    let house = house();
    house.ids("SELECT Lit, Id FROM Acme_Lamp WHERE Watts = 40");
    house.rows("SELECT Lit FROM Acme_Lamp");
    house.ids("SELECT * FROM Acme_Lamp WHERE Watts = 40 OR Watts = 25");
    assert_eq!(
        house.log(),
        [
            r#"enumerate ["Id", "Watts", "Lit"] Some(Uint32(40))"#,
            r#"enumerate ["Id", "Lit"] None"#,
            r#"enumerate ["Id", "Watts", "Lit"] None"#,
        ]
    );
}

#[test]
fn the_prototype_has_the_columns_and_no_rows_are_asked_for() {
    let house = house();
    let plan = house.plan("SELECT Lit, Id FROM Acme_Lamp").unwrap();
    let prototype = plan.prototype();
    let names: Vec<_> = prototype.properties().iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Id", "Lit"]);
    assert_eq!(house.log(), [""; 0]);
}

#[test]
fn namespaces_list_their_children() {
    let house = house();
    let root = house.engine.namespace("//./ROOT").unwrap();
    let plan =
        house.engine.plan(&root, "WQL", "SELECT * FROM __NAMESPACE", Options::default()).unwrap();
    let names: Vec<_> = rows(&plan)
        .iter()
        .map(|row| row.get("Name").unwrap().as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["cimv2", "default"]);
    let child = house.engine.get(&root, "__Namespace.Name='CIMV2'", Depth::Deep).unwrap();
    assert_eq!(child.as_instance().unwrap().get("Name"), Some(&Value::from("cimv2")));
    assert_eq!(house.ids("SELECT * FROM __Namespace"), [""; 0]);
}

#[test]
fn bad_queries_say_what_is_wrong_and_where() {
    let house = house();
    for (query, status, column) in [
        ("", WbemStatus::E_INVALID_QUERY, 1),
        ("SELEC * FROM Acme_Lamp", WbemStatus::E_INVALID_QUERY, 1),
        ("SELECT * FROM", WbemStatus::E_INVALID_QUERY, 14),
        ("SELECT * FROM Acme_Lamp WHERE", WbemStatus::E_INVALID_QUERY, 30),
        ("SELECT * FROM Acme_Lamp WHERE Id = 'hall", WbemStatus::E_INVALID_QUERY, 36),
        ("SELECT * FROM Acme_Lamp WHERE Watts = 1 Lit", WbemStatus::E_INVALID_QUERY, 41),
        ("SELECT Wats FROM Acme_Lamp", WbemStatus::E_INVALID_QUERY, 8),
        ("SELECT * FROM Acme_Lamp WHERE Wats = 1", WbemStatus::E_INVALID_QUERY, 31),
        ("SELECT Lit FROM Acme_Device", WbemStatus::E_INVALID_QUERY, 8),
        ("SELECT * FROM Acme_Lamp WHERE Watts = 'x'", WbemStatus::E_INVALID_QUERY, 39),
        ("ASSOCIATORS OF {Acme_Lamp='hall'}", WbemStatus::E_INVALID_QUERY, 1),
        ("SELECT * FROM Acme_Sofa", WbemStatus::E_INVALID_CLASS, 15),
    ] {
        let error = house.plan(query).map(drop).unwrap_err();
        assert_eq!(error.status, status, "{query}: {error}");
        assert!(error.message.contains(&format!("column {column}:")), "{query}: {error}");
    }
    assert_eq!(house.log(), [""; 0], "nobody was asked");
}

#[test]
fn other_languages_and_long_texts_are_refused() {
    let house = house();
    let namespace = house.engine.namespace("root/cimv2").unwrap();
    let plan = |language: &str, query: &str| {
        house
            .engine
            .plan(&namespace, language, query, Options::default())
            .map(drop)
            .unwrap_err()
            .status
    };
    assert_eq!(plan("CQL", "SELECT * FROM Acme_Lamp"), WbemStatus::E_INVALID_QUERY_TYPE);
    assert_eq!(plan("", "SELECT * FROM Acme_Lamp"), WbemStatus::E_INVALID_QUERY_TYPE);
    let long = format!("SELECT * FROM Acme_Lamp WHERE Id = '{}'", "ä".repeat(16_384));
    assert_eq!(plan("WQL", &long), WbemStatus::E_QUOTA_VIOLATION);
    let deep = format!("SELECT * FROM Acme_Lamp WHERE {}Watts = 1", "NOT ".repeat(4000));
    assert_eq!(plan("WQL", &deep), WbemStatus::E_QUOTA_VIOLATION);

    let path = format!("Acme_Lamp.Id='{}'", "x".repeat(8192));
    assert_eq!(house.get(&path).unwrap_err().status, WbemStatus::E_QUOTA_VIOLATION);
    let path = format!("root/{}", "x".repeat(8192));
    let status = house.engine.namespace(&path).map(drop).unwrap_err().status;
    assert_eq!(status, WbemStatus::E_QUOTA_VIOLATION);
}

#[test]
fn namespaces_that_do_not_exist_are_refused() {
    let house = house();
    for path in ["", "root/cimv3", "cimv2", "//server", "root//cimv2", "root/cimv2/", "ro*t"] {
        let status = house.engine.namespace(path).map(drop).unwrap_err().status;
        assert_eq!(status, WbemStatus::E_INVALID_NAMESPACE, "{path:?}");
    }
    for path in [r"\\.\root\cimv2", "//10.0.0.1/ROOT/CimV2", "root/cimv2", r"\\[::1]\root\cimv2"] {
        assert_eq!(house.engine.namespace(path).unwrap().name(), r"root\cimv2", "{path:?}");
    }
}

#[test]
fn objects_are_found_by_path() {
    let house = house();
    for path in [
        "Acme_Lamp.Id='hall'",
        "acme_lamp='HALL'",
        r#"\\.\root\cimv2:Acme_Lamp.ID="hall""#,
        "Acme_Device='hall'",
    ] {
        let object = house.get(path).unwrap();
        let instance = object.as_instance().unwrap();
        assert_eq!(instance.get("Id"), Some(&Value::from("hall")), "{path}");
        assert_eq!(instance.class().name(), "Acme_Lamp", "{path}");
        assert_eq!(instance.decoration().unwrap().server, "HOUSE", "{path}");
    }
    let Object::Class(class) = house.get("ACME_HEATER").unwrap() else { panic!("no class") };
    assert_eq!(class.name().as_str(), "Acme_Heater");
    assert_eq!(class.decoration().unwrap().namespace, r"root\cimv2");
    let Object::Class(empty) = house.get("").unwrap() else { panic!("no class") };
    assert_eq!(empty.name().as_str(), "");
}

#[test]
fn paths_that_lead_nowhere_say_why() {
    let house = house();
    for (path, status) in [
        ("Acme_Sofa", WbemStatus::E_NOT_FOUND),
        ("Acme_Sofa.Id='x'", WbemStatus::E_INVALID_CLASS),
        ("Acme_Lamp.Id='cellar'", WbemStatus::E_NOT_FOUND),
        ("Acme_Heater='hall'", WbemStatus::E_NOT_FOUND),
        ("Acme_Lamp.Watts=40", WbemStatus::E_INVALID_OBJECT_PATH),
        ("Acme_Lamp.Id='hall',Watts=40", WbemStatus::E_INVALID_OBJECT_PATH),
        ("Acme_Lamp=@", WbemStatus::E_INVALID_OBJECT_PATH),
        ("Acme_Lamp.Id=", WbemStatus::E_INVALID_OBJECT_PATH),
        ("Acme Lamp", WbemStatus::E_INVALID_OBJECT_PATH),
        (r"\\.\root\nowhere:Acme_Lamp='hall'", WbemStatus::E_INVALID_NAMESPACE),
    ] {
        let error = house.get(path).unwrap_err();
        assert_eq!(error.status, status, "{path}: {error}");
    }
}

#[test]
fn the_one_instance_of_a_singleton_needs_no_key() {
    let class = Class::builder("Acme_Meter")
        .qualifier(Qualifier::new("singleton", true))
        .property(Property::new("Total", CimType::Uint64));
    let class = Arc::new(class.build().unwrap());
    let mut meter = Instance::new(class.clone());
    meter.set("Total", 7_u64);
    let provider = Arc::new(MemoryProvider::new(class, vec![meter]));
    let repository = Repository::builder("X").provider("root", provider).build().unwrap();
    let engine = Engine::new(repository, Limits::default());
    let root = engine.namespace("root").unwrap();
    let found = engine.get(&root, "Acme_Meter=@", Depth::Deep).unwrap();
    assert_eq!(found.as_instance().unwrap().get("Total"), Some(&Value::Uint64(7)));
}

/// How a spring ends, and after how many rows.
type End = (usize, fn() -> Result<(), ProviderError>);

/// Gives rows without end, unless told to fail or to crash.
struct Spring {
    class: Arc<Class>,
    given: AtomicUsize,
    end: Option<End>,
}

impl Spring {
    fn new(end: Option<End>) -> Arc<Self> {
        Arc::new(Self { class: lamp(&device()), given: AtomicUsize::new(0), end })
    }
}

impl Provider for Spring {
    fn class(&self) -> &Arc<Class> {
        &self.class
    }

    fn enumerate(
        &self,
        _request: &Request,
        sink: &mut dyn FnMut(Instance) -> ControlFlow<()>,
    ) -> Result<(), ProviderError> {
        loop {
            let given = self.given.fetch_add(1, Ordering::SeqCst);
            if let Some((rows, end)) = self.end
                && given == rows
            {
                return end();
            }
            if sink(instance(&self.class, "x", 1)).is_break() {
                return Ok(());
            }
        }
    }
}

fn start(spring: &Arc<Spring>, query: &str) -> Rows {
    let provider: Arc<dyn Provider> = spring.clone();
    let repository = Repository::builder("X").provider("root", provider).build().unwrap();
    let engine = Engine::new(repository, Limits { rows_ahead: 8, ..Limits::default() });
    let root = engine.namespace("root").unwrap();
    let plan = engine.plan(&root, "WQL", query, Options::default()).unwrap();
    engine.run(&Arc::new(plan))
}

/// Waits until nobody but the test holds the provider: its thread is done.
async fn stopped(spring: &Arc<Spring>) {
    while Arc::strong_count(spring) > 1 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_slow_reader_holds_the_provider_back() {
    let spring = Spring::new(None);
    let mut rows = start(&spring, "SELECT * FROM Acme_Lamp");
    for _ in 0..100 {
        rows.next().await.unwrap().unwrap();
        // What was read, what waits in the channel, and the one that waits to get in.
        assert!(spring.given.load(Ordering::SeqCst) <= 100 + 8 + 1);
    }
    drop(rows);
    stopped(&spring).await;
}

#[tokio::test]
async fn dropping_the_rows_stops_a_search_without_hits() {
    let spring = Spring::new(None);
    let rows = start(&spring, "SELECT * FROM Acme_Lamp WHERE Watts > 1");
    while spring.given.load(Ordering::SeqCst) < 1000 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    drop(rows);
    stopped(&spring).await;
}

#[tokio::test]
async fn rows_end_once_and_stay_ended() {
    let mut rows = start(&Spring::new(Some((2, || Ok(())))), "SELECT * FROM Acme_Lamp");
    assert!(rows.next().await.unwrap().is_some());
    assert!(rows.next().await.unwrap().is_some());
    for _ in 0..3 {
        assert_eq!(rows.next().await, Ok(None));
    }
}

#[tokio::test]
async fn a_failure_comes_after_the_rows_before_it() {
    let fail = || Err(ProviderError { status: 0x8004_1001, message: "no fuse".into() });
    let mut rows = start(&Spring::new(Some((3, fail))), "SELECT * FROM Acme_Lamp");
    for _ in 0..3 {
        assert!(rows.next().await.unwrap().is_some());
    }
    for _ in 0..2 {
        let error = rows.next().await.unwrap_err();
        assert_eq!((error.status, &*error.message), (WbemStatus::E_FAILED, "no fuse"));
    }
}

#[tokio::test]
async fn a_crash_of_a_provider_is_no_end() {
    let mut rows =
        start(&Spring::new(Some((1, || panic!("on purpose")))), "SELECT * FROM Acme_Lamp");
    assert!(rows.next().await.unwrap().is_some());
    assert_eq!(rows.next().await.unwrap_err().status, WbemStatus::E_CRITICAL_ERROR);
}
