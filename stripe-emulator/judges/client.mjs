// npm's `stripe` as the judge: as a client of the API, and as the verifier of its webhooks.
// Usage: EMULATOR_URL=http://127.0.0.1:12111 node stripe-emulator/judges/client.mjs
import http from 'node:http';
import assert from 'node:assert/strict';
import Stripe from 'stripe';

const { hostname, port } = new URL(process.env.EMULATOR_URL);
const stripe = new Stripe('sk_test_1234567890abcdef', { host: hostname, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
const received = [];
const server = http.createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => { received.push({ body, signature: request.headers['stripe-signature'], agent: request.headers['user-agent'] }); response.end(); });
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));

const order = (extra = {}) => ({
  mode: 'payment', success_url: 'http://127.0.0.1/ok?s={CHECKOUT_SESSION_ID}', cancel_url: 'http://127.0.0.1/no', client_reference_id: 'order-1', metadata: { order: 'order-1' },
  line_items: [{ price_data: { currency: 'usd', unit_amount: 1500, product_data: { name: 'A book' } }, quantity: 2 }], ...extra,
});
const refusal = async (promise) => promise.then(() => assert.fail('was not refused'), (error) => error);

const cases = {
  async 'a session is made, read, listed and expired'() {
    const session = await stripe.checkout.sessions.create(order());
    assert.equal(session.amount_total, 3000);
    assert.equal(session.payment_intent, null);
    assert.ok(session.success_url.endsWith('{CHECKOUT_SESSION_ID}'));
    const read = await stripe.checkout.sessions.retrieve(session.id, { expand: ['line_items'] });
    assert.equal(read.line_items.data[0].description, 'A book');
    assert.equal((await stripe.checkout.sessions.list({ limit: 1 })).data[0].id, session.id);
    assert.equal((await stripe.checkout.sessions.listLineItems(session.id)).data.length, 1);
    assert.equal((await stripe.checkout.sessions.expire(session.id)).status, 'expired');
    assert.match((await refusal(stripe.checkout.sessions.expire(session.id))).message, /status of `expired`/);
  },
  async 'one idempotency key makes one session, and refuses other parameters'() {
    const options = { idempotencyKey: `key-${Date.now()}` };
    const [first, again] = [await stripe.checkout.sessions.create(order(), options), await stripe.checkout.sessions.create(order(), options)];
    assert.equal(first.id, again.id);
    assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
    assert.equal((await refusal(stripe.checkout.sessions.create(order({ client_reference_id: 'other' }), options))).type, 'StripeIdempotencyError');
  },
  async 'wrong parameters are refused as Stripe refuses them'() {
    assert.equal((await refusal(stripe.checkout.sessions.create(order({ foo: 'bar' })))).code, 'parameter_unknown');
    assert.equal((await refusal(stripe.checkout.sessions.create(order({ line_items: undefined })))).code, 'parameter_missing');
    assert.equal((await refusal(stripe.checkout.sessions.create(order({ expires_at: Math.floor(Date.now() / 1000) + 60 })))).param, 'expires_at');
    assert.equal((await refusal(stripe.checkout.sessions.retrieve('cs_test_none'))).statusCode, 404);
    assert.equal((await refusal(new Stripe('nonsense', { host: hostname, port, protocol: 'http', maxNetworkRetries: 0 }).products.list())).statusCode, 401);
  },
  async 'a declined card is a card error with its intent'() {
    const error = await refusal(stripe.paymentIntents.create({ amount: 500, currency: 'usd', payment_method: 'pm_card_visa_chargeDeclinedInsufficientFunds', confirm: true, payment_method_types: ['card'] }));
    assert.equal(error.type, 'StripeCardError');
    assert.equal(error.decline_code, 'insufficient_funds');
    assert.equal(error.payment_intent.status, 'requires_payment_method');
  },
  async 'a charge is refunded in parts, and never beyond its amount'() {
    const intent = await stripe.paymentIntents.create({ amount: 3000, currency: 'usd', payment_method: 'pm_card_visa', confirm: true, expand: ['latest_charge'] });
    assert.equal(intent.latest_charge.status, 'succeeded');
    assert.equal((await stripe.refunds.create({ payment_intent: intent.id, amount: 1000 })).status, 'succeeded');
    assert.match((await refusal(stripe.refunds.create({ payment_intent: intent.id, amount: 2500 }))).message, /\$25\.00\) is greater than unrefunded amount on charge \(\$20\.00/);
    await stripe.refunds.create({ payment_intent: intent.id });
    assert.equal((await stripe.charges.retrieve(intent.latest_charge.id)).refunded, true);
    assert.equal((await refusal(stripe.refunds.create({ payment_intent: intent.id }))).code, 'charge_already_refunded');
  },
  async 'events arrive signed, and are listed'() {
    const endpoint = await stripe.webhookEndpoints.create({ url: `http://127.0.0.1:${server.address().port}/`, enabled_events: ['payment_intent.succeeded'] });
    received.length = 0;
    const intent = await stripe.paymentIntents.create({ amount: 700, currency: 'usd', payment_method: 'pm_card_visa', confirm: true });
    await fetch(`${process.env.EMULATOR_URL}/_emulator/webhooks/flush`, { method: 'POST' });
    assert.equal(received.length, 1);
    const event = stripe.webhooks.constructEvent(received[0].body, received[0].signature, endpoint.secret);
    assert.equal(event.data.object.id, intent.id);
    assert.match(received[0].agent, /^Stripe\/1\.0/);
    assert.throws(() => stripe.webhooks.constructEvent(received[0].body.replace('700', '701'), received[0].signature, endpoint.secret));
    const listed = await stripe.events.list({ type: 'payment_intent.succeeded', delivery_success: true, limit: 1 });
    assert.equal(listed.data[0].id, event.id);
    await stripe.webhookEndpoints.del(endpoint.id);
  },
  async 'a session is paid on its page, and read with its charge'() {
    const session = await stripe.checkout.sessions.create(order({ customer_email: 'ada@example.com', payment_intent_data: { metadata: { order: 'order-1' } } }));
    const card = (number) => fetch(session.url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ email: 'ada@example.com', card_number: number, expiry: '12 / 40', cvc: '123', name: 'Ada' }) });
    const declined = await card('4000 0000 0000 0002');
    assert.equal(declined.status, 402);
    assert.match(await declined.text(), /Your card was declined\./);
    assert.equal((await stripe.checkout.sessions.retrieve(session.id)).status, 'open');
    const asked = await card('4000 0025 0000 3155');
    const bank = new URL(asked.headers.get('location'), session.url);
    const paid = await fetch(bank, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ outcome: 'complete' }) });
    assert.equal(paid.headers.get('location'), `http://127.0.0.1/ok?s=${session.id}`);
    const read = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent.latest_charge', 'line_items.data.price.product'] });
    assert.deepEqual([read.status, read.payment_status, read.url, read.customer_details.name], ['complete', 'paid', null, 'Ada']);
    assert.equal(read.payment_intent.latest_charge.amount, 3000);
    assert.equal(read.payment_intent.metadata.order, 'order-1');
    assert.equal(read.line_items.data[0].price.product.name, 'A book');
    assert.match((await refusal(stripe.checkout.sessions.retrieve(session.id, { expand: ['nothing'] }))).message, /cannot be expanded \(nothing\)/);
  },
  async 'a list is paged to its end'() {
    const made = [];
    for (let n = 0; n < 5; n += 1) made.unshift((await stripe.customers.create({ name: `page ${n}` })).id);
    const seen = [];
    for await (const customer of stripe.customers.list({ limit: 2 })) { seen.push(customer.id); if (seen.length === 5) break; }
    assert.deepEqual(seen, made);
  },
  async 'a bank debit completes its session, and is paid later'() {
    const session = await stripe.checkout.sessions.create(order({ payment_method_types: ['card', 'sepa_debit'] }));
    const control = (path, body) => fetch(`${process.env.EMULATOR_URL}/_emulator/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) });
    assert.equal((await control(`sessions/${session.id}/pay`, { card: 'AT611904300234573201' })).status, 200);
    assert.equal((await stripe.checkout.sessions.retrieve(session.id)).payment_status, 'unpaid');
    await control('settle');
    assert.equal((await stripe.checkout.sessions.retrieve(session.id)).payment_status, 'paid');
    assert.equal((await stripe.events.list({ type: 'checkout.session.async_payment_succeeded', limit: 1 })).data[0].data.object.id, session.id);
  },
  async 'a dispute blocks refunds, and takes evidence'() {
    const intent = await stripe.paymentIntents.create({ amount: 900, currency: 'usd', payment_method: 'pm_card_createDispute', confirm: true });
    assert.equal((await refusal(stripe.refunds.create({ payment_intent: intent.id }))).code, 'charge_disputed');
    const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id })).data;
    assert.equal((await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'losing_evidence' } })).status, 'under_review');
    await fetch(`${process.env.EMULATOR_URL}/_emulator/settle`, { method: 'POST' });
    assert.equal((await stripe.disputes.retrieve(dispute.id)).status, 'lost');
  },
  async 'asked-for faults happen, and end'() {
    const fault = (body) => fetch(`${process.env.EMULATOR_URL}/_emulator/faults`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    await fault({ route: 'POST /v1/checkout/sessions', kind: 'error', status: 500 });
    assert.equal((await refusal(stripe.checkout.sessions.create(order()))).statusCode, 500);
    await fault({ kind: 'rate_limit' });
    assert.equal((await refusal(stripe.products.list())).type, 'StripeRateLimitError');
    assert.ok((await stripe.products.list()).data);
  },
};

let passed = 0;
let failed = 0;
for (const [name, run] of Object.entries(cases)) {
  try { await run(); passed += 1; console.log(`ok   ${name}`); } catch (error) { failed += 1; console.log(`FAIL ${name}\n${error.stack}`); }
}
server.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
