//! What receivers ask of those who post to them: passwords, tokens, certificates.

use carehook_core::{
    AttemptOutcome, Authentication, Authorities, CertificateFacts, ClientIdentity, DeliveryState,
    Endpoint, EndpointTls, Secret, Timestamp,
};
use carehook_testkit::{Authority, Identity, Receiver, TlsSetup};

use crate::world::{World, verify};

fn facts() -> CertificateFacts {
    CertificateFacts {
        subject: "CN=anybody".into(),
        expires_at: Timestamp(0),
    }
}

fn shows(identity: &Identity) -> ClientIdentity {
    let pem = identity.pem();
    ClientIdentity {
        chain: pem.as_str().into(),
        key: Secret::new(pem),
        facts: facts(),
    }
}

fn trusts(authority: &Authority) -> Authorities {
    Authorities {
        certificates: authority.pem().into(),
        facts: vec![facts()],
    }
}

fn with(client: Option<ClientIdentity>, trusted: &Authority) -> impl FnOnce(&mut Endpoint) {
    let authorities = Some(trusts(trusted));
    let tls = EndpointTls {
        client,
        authorities,
    };
    |endpoint| endpoint.tls = Some(tls)
}

#[tokio::test]
async fn credentials_are_sent_with_every_delivery() {
    let mut world = World::start().await;
    let secret = Secret::new;
    for (given, sent) in [
        (
            Authentication::basic(secret("user"), secret("pass")),
            "Basic dXNlcjpwYXNz",
        ),
        (Authentication::bearer(secret("t-1")), "Bearer t-1"),
    ] {
        let receiver = Receiver::start().await;
        let endpoint = world
            .endpoint_with(&receiver.url(), |endpoint| {
                endpoint.authentication = Some(given.unwrap());
            })
            .await;
        world.publish(endpoint).await;
        let received = receiver.wait_for(1).await.remove(0);
        verify(&received, world.clock.now());
        assert_eq!(received.headers["authorization"], sent);
    }
}

#[tokio::test]
async fn a_receiver_that_demands_a_certificate_gets_that_of_the_endpoint() {
    let mut world = World::start().await;
    let (servers, clients) = (Authority::new(), Authority::new());
    let setup = TlsSetup::new(servers.issue(&["127.0.0.1"])).only_http1();
    let receiver = Receiver::start_tls(setup.demands_client_of(clients.certificate())).await;
    let known = shows(&clients.issue(&["carehook.example"]));
    let change = with(Some(known), &servers);
    let endpoint = world.endpoint_with(&receiver.url(), change).await;
    let delivery = world.publish(endpoint).await;
    world.until_state(delivery, DeliveryState::Delivered).await;
    verify(&receiver.wait_for(1).await[0], world.clock.now());

    let stranger = shows(&Authority::new().issue(&["carehook.example"]));
    for client in [None, Some(stranger)] {
        let change = with(client, &servers);
        let endpoint = world.endpoint_with(&receiver.url(), change).await;
        let delivery = world.publish(endpoint).await;
        let (_, attempts) = world.until_attempted(delivery, 1).await;
        assert_eq!(attempts[0].outcome, AttemptOutcome::Unreachable);
        let error = attempts[0].error.as_deref().unwrap();
        assert!(error.contains("TLS"), "{error}");
    }
    assert_eq!(
        receiver.attempts(),
        1,
        "nothing is sent without a handshake"
    );
}

#[tokio::test]
async fn only_the_endpoints_own_authorities_vouch_for_its_receiver() {
    let mut world = World::start().await;
    let authority = Authority::new();
    let identity = authority.issue(&["127.0.0.1"]);
    let receiver = Receiver::start_tls(TlsSetup::new(identity)).await;
    let trusting = world
        .endpoint_with(&receiver.url(), with(None, &authority))
        .await;
    let delivery = world.publish(trusting).await;
    world.until_state(delivery, DeliveryState::Delivered).await;

    let wrong = Authority::new();
    let other = world
        .endpoint_with(&receiver.url(), with(None, &wrong))
        .await;
    let plain = world.endpoint(&receiver.url()).await;
    for endpoint in [other, plain] {
        let delivery = world.publish(endpoint).await;
        let (_, attempts) = world.until_attempted(delivery, 1).await;
        let error = attempts[0].error.as_deref().unwrap();
        assert!(
            error.contains("not signed by a trusted authority"),
            "{error}"
        );
    }
    assert_eq!(receiver.attempts(), 1);
}

#[tokio::test]
async fn settings_that_can_no_longer_be_used_block_the_attempt() {
    let mut world = World::start().await;
    let authority = Authority::new();
    let identity = authority.issue(&["127.0.0.1"]);
    let receiver = Receiver::start_tls(TlsSetup::new(identity)).await;
    let mut client = shows(&authority.issue(&["carehook.example"]));
    client.key = Secret::new("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    let change = with(Some(client), &authority);
    let endpoint = world.endpoint_with(&receiver.url(), change).await;
    let delivery = world.publish(endpoint).await;
    let (_, attempts) = world.until_attempted(delivery, 1).await;
    assert_eq!(attempts[0].outcome, AttemptOutcome::Blocked);
    let reason = "the endpoint's own TLS settings cannot be used";
    assert_eq!(attempts[0].error.as_deref(), Some(reason));
    assert_eq!(receiver.connections(), 0);
}
