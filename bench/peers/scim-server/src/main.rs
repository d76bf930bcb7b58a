// SPDX-License-Identifier: Apache-2.0

//! scim-server in its own process: it has no HTTP, so its operation handler is
//! called as its examples call it, by TASKS tasks at once.
//!
//! Each line of standard input, "ROW TASKS SECONDS COUNT", runs a row as
//! client.c does, and a line of JSON says how it went.  COUNT is what `create`
//! and `groups` make, and how many members `member` may add; to `create`, 0 is
//! no limit.

use scim_server::{
    create_group_resource_handler, create_user_resource_handler,
    multi_tenant::ScimOperation,
    operation_handler::{
        ScimOperationHandler, ScimOperationRequest, ScimOperationResponse, ScimOperationType,
    },
    providers::{ResourceProvider, StandardResourceProvider},
    resource::{version::RawVersion, ListQuery, RequestContext},
    storage::InMemoryStorage,
    ScimServer,
};
use serde_json::{json, Value};
use std::collections::HashSet;
use std::io::BufRead;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

type Provider = StandardResourceProvider<InMemoryStorage>;

const MEMBERS: usize = 2000;

static HAS_COMPLAINED: AtomicBool = AtomicBool::new(false);

struct Host {
    handler: ScimOperationHandler<Provider>,
    provider: Provider,
    users: Mutex<Vec<User>>,
    groups: Mutex<Vec<String>>,
    added: Mutex<Vec<(usize, String)>>,
    next: AtomicU64,   // user to be made
    adding: AtomicU64, // member to be added
    title: AtomicU64,
}

/// Users stand in the order in which they were answered; the number is in
/// their names.
#[derive(Clone)]
struct User {
    id: String,
    number: u64,
    version: Option<RawVersion>,
}

#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Done,
    Refused,
    Wrong,
    Over,
}

#[derive(Default)]
struct Result {
    done: u64,
    refused: u64,
    wrong: u64,
    us: Vec<u64>,
}

fn user(n: u64, title: u64) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("user{n:07}@example.com"),
        "externalId": format!("ext-{n:07}"),
        "name": {"familyName": format!("Family{n:07}"), "givenName": "Given",
                 "formatted": format!("Given Family{n:07}")},
        "displayName": format!("Given Family{n:07}"),
        "title": title.to_string(), "active": true,
        "preferredLanguage": "en-GB", "locale": "en-US",
        "timezone": "America/Los_Angeles",
        "profileUrl": format!("https://example.com/people/{n:07}"),
        "emails": [{"value": format!("user{n:07}@example.com"), "type": "work", "primary": true},
                   {"value": format!("home{n:07}@example.org"), "type": "home"}],
        "phoneNumbers": [{"value": format!("tel:+1-555-{n:07}"), "type": "work"}],
        "addresses": [{"type": "work", "streetAddress": format!("{n} Main Street"),
                       "locality": "Springfield", "region": "CA",
                       "postalCode": "91608", "country": "US"}]
    })
}

fn version_of(response: &ScimOperationResponse) -> Option<RawVersion> {
    let text = response.metadata.additional.get("version")?.as_str()?;
    Some(RawVersion::from_hash(text))
}

fn outcome_of(response: &ScimOperationResponse) -> Outcome {
    match (response.success, response.error_code.as_deref()) {
        (true, _) => Outcome::Done,
        (false, Some("version_mismatch" | "VERSION_MISMATCH")) => Outcome::Refused,
        (false, _) => {
            let text = format!("{:?}", response.error);
            if text.contains("ersion") || text.contains("odified") {
                return Outcome::Refused;
            }
            if !HAS_COMPLAINED.swap(true, Relaxed) {
                eprintln!("bench: {text}");
            }
            Outcome::Wrong
        }
    }
}

impl Host {
    fn new() -> Self {
        let provider = StandardResourceProvider::new(InMemoryStorage::new());
        let mut server = ScimServer::new(provider.clone()).expect("a server");
        let all = || {
            vec![ScimOperation::Create, ScimOperation::Read, ScimOperation::Update,
                 ScimOperation::Patch, ScimOperation::Delete, ScimOperation::List,
                 ScimOperation::Search]
        };
        let schema = |server: &ScimServer<Provider>, name: &str| {
            server
                .get_schema_by_id(&format!("urn:ietf:params:scim:schemas:core:2.0:{name}"))
                .expect("a schema")
                .clone()
        };
        let users = create_user_resource_handler(schema(&server, "User"));
        server.register_resource_type("User", users, all()).expect("users");
        let groups = create_group_resource_handler(schema(&server, "Group"));
        server.register_resource_type("Group", groups, all()).expect("groups");
        Host {
            handler: ScimOperationHandler::new(server),
            provider,
            users: Mutex::default(),
            groups: Mutex::default(),
            added: Mutex::default(),
            next: AtomicU64::new(0),
            adding: AtomicU64::new(0),
            title: AtomicU64::new(1),
        }
    }

    fn pick(&self, random: u64) -> User {
        let users = self.users.lock().unwrap();
        users[random as usize % users.len()].clone()
    }

    async fn ask(&self, request: ScimOperationRequest) -> ScimOperationResponse {
        self.handler.handle_operation(request).await
    }

    async fn create(&self, most: u64) -> Outcome {
        let n = self.next.fetch_add(1, Relaxed);
        if most > 0 && n >= most {
            return Outcome::Over;
        }
        let response = self.ask(ScimOperationRequest::create("User", user(n, 0))).await;
        if let Some(id) = response.metadata.resource_id.clone() {
            let version = version_of(&response);
            self.users.lock().unwrap().push(User { id, number: n, version });
        }
        outcome_of(&response)
    }

    async fn get(&self, random: u64) -> Outcome {
        let id = self.pick(random).id;
        outcome_of(&self.ask(ScimOperationRequest::get("User", id)).await)
    }

    async fn filter(&self, random: u64) -> Outcome {
        let n = self.pick(random).number;
        let name = json!(format!("user{n:07}@example.com"));
        outcome_of(&self.ask(ScimOperationRequest::search("User", "userName", name)).await)
    }

    /// The handler's list leaves the page out; the provider's takes it.
    async fn page(&self, random: u64) -> Outcome {
        let count = self.users.lock().unwrap().len().saturating_sub(99).max(1);
        let query = ListQuery {
            count: Some(100),
            start_index: Some(random as usize % count + 1),
            ..ListQuery::default()
        };
        let context = RequestContext::with_generated_id();
        match self.provider.list_resources("User", Some(&query), &context).await {
            Ok(page) if !page.is_empty() => Outcome::Done,
            _ => Outcome::Wrong,
        }
    }

    /// Each task has users of its own, as each connection of client.c has.
    async fn replace(&self, random: u64, task: usize, tasks: usize) -> Outcome {
        let users = self.users.lock().unwrap().len();
        let share = (users / tasks).max(1);
        let n = (task * share + random as usize % share) % users;
        let User { id, number, version } = self.pick(n as u64);
        let title = self.title.fetch_add(1, Relaxed);
        let request = ScimOperationRequest::update("User", id, user(number, title));
        let response = self.ask(match version {
            Some(v) => request.with_expected_version(v),
            None => request,
        }).await;
        if response.success {
            self.users.lock().unwrap()[n].version = version_of(&response);
        }
        outcome_of(&response)
    }

    /// The user that all count up, at the version it has now, and the count.
    async fn read_count(&self) -> (User, u64) {
        let first = self.pick(0);
        let response = self.ask(ScimOperationRequest::get("User", &first.id)).await;
        let data = response.data.clone().unwrap_or_default();
        let count = data["title"].as_str().and_then(|t| t.parse().ok()).unwrap_or(0);
        (User { version: version_of(&response), ..first }, count)
    }

    async fn count(&self) -> Outcome {
        let (User { id, number, version }, count) = self.read_count().await;
        let request = ScimOperationRequest::update("User", id, user(number, count + 1));
        let response = self.ask(match version {
            Some(v) => request.with_expected_version(v),
            None => request,
        }).await;
        outcome_of(&response)
    }

    async fn make_group(&self, most: u64) -> Outcome {
        if self.groups.lock().unwrap().len() as u64 >= most {
            return Outcome::Over;
        }
        let members: Vec<Value> = self.users.lock().unwrap().iter().take(MEMBERS)
            .map(|u| json!({"value": u.id, "type": "User"})).collect();
        let response = self.ask(ScimOperationRequest::create("Group", json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": "a group", "members": members
        }))).await;
        if let Some(id) = response.metadata.resource_id.clone() {
            self.groups.lock().unwrap().push(id);
        }
        outcome_of(&response)
    }

    async fn member(&self, most: u64) -> Outcome {
        let n = self.adding.fetch_add(1, Relaxed) as usize;
        let groups = self.groups.lock().unwrap().len();
        let member = match self.users.lock().unwrap().get(MEMBERS + n / groups) {
            Some(user) if (n as u64) < most => user.id.clone(),
            _ => return Outcome::Over,
        };
        let group = n % groups;
        let id = self.groups.lock().unwrap()[group].clone();
        let mut request = ScimOperationRequest::get("Group", id);
        request.operation = ScimOperationType::Patch;
        request.data = Some(json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "add", "path": "members", "value": [{"value": member}]}]
        }));
        let response = self.ask(request).await;
        if response.success {
            self.added.lock().unwrap().push((group, member));
        }
        outcome_of(&response)
    }

    async fn lost_members(&self) -> i64 {
        let groups = self.groups.lock().unwrap().clone();
        let added = std::mem::take(&mut *self.added.lock().unwrap());
        let mut lost = 0;
        for (n, id) in groups.into_iter().enumerate() {
            let data = self.ask(ScimOperationRequest::get("Group", id)).await.data
                .unwrap_or_default();
            let there: HashSet<&str> = data["members"].as_array().into_iter().flatten()
                .filter_map(|m| m["value"].as_str()).collect();
            lost += added.iter().filter(|(g, m)| *g == n && !there.contains(m.as_str())).count();
        }
        lost as i64
    }
}

async fn run_task(host: Arc<Host>, row: String, task: usize, tasks: usize, most: u64,
                  end: Instant) -> Result {
    let mut result = Result::default();
    let mut random = 0x9e3779b97f4a7c15u64.wrapping_mul(task as u64 + 1);
    while Instant::now() < end {
        random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let since = Instant::now();
        let outcome = match row.as_str() {
            "create" => host.create(most).await,
            "get" => host.get(random >> 33).await,
            "filter" => host.filter(random >> 33).await,
            "page" => host.page(random >> 33).await,
            "replace" => host.replace(random >> 33, task, tasks).await,
            "count" => host.count().await,
            "groups" => host.make_group(most).await,
            "member" => host.member(most).await,
            _ => Outcome::Over,
        };
        match outcome {
            Outcome::Done => result.done += 1,
            Outcome::Refused => result.refused += 1,
            Outcome::Wrong => result.wrong += 1,
            Outcome::Over => break,
        }
        result.us.push(since.elapsed().as_micros() as u64);
    }
    result
}

async fn run(host: &Arc<Host>, line: &str) -> Option<Value> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let number = |n: usize| words.get(n)?.parse::<u64>().ok();
    let (row, tasks, most) = (*words.first()?, number(1)? as usize, number(3)?);
    let before = host.read_count_or_0(row).await;
    let start = Instant::now();
    let end = start + Duration::from_secs(number(2)?);
    let running: Vec<_> = (0..tasks)
        .map(|t| tokio::spawn(run_task(host.clone(), row.to_string(), t, tasks, most, end)))
        .collect();
    let mut all = Result::default();
    for task in running {
        let r = task.await.ok()?;
        all.done += r.done;
        all.refused += r.refused;
        all.wrong += r.wrong;
        all.us.extend(r.us);
    }
    let took = start.elapsed().as_secs_f64();
    let lost = match row {
        "count" => all.done as i64 - (host.read_count_or_0(row).await - before) as i64,
        "member" => host.lost_members().await,
        _ => 0,
    };
    all.us.sort_unstable();
    let at = |p: usize| all.us.get(all.us.len() * p / 100).copied().unwrap_or(0);
    Some(json!({
        "per_second": all.done as f64 / took, "operations": all.done,
        "p50_us": at(50), "p99_us": at(99), "wrong": all.wrong,
        "refused": all.refused, "lost": lost, "seconds": took
    }))
}

impl Host {
    async fn read_count_or_0(&self, row: &str) -> u64 {
        if row == "count" { self.read_count().await.1 } else { 0 }
    }
}

#[tokio::main]
async fn main() {
    let host = Arc::new(Host::new());
    for line in std::io::stdin().lock().lines().map_while(std::io::Result::ok) {
        match run(&host, &line).await {
            Some(result) => println!("{result}"),
            None => println!("null"),
        }
    }
}
