// The gateway, as OpenAI's SDK for Node sees it. The tests for Python go further; these are for
// what differs: the way this SDK reads streams, puts tool calls together, and throws.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import OpenAI from 'openai';

import { PATIENCE, startGateway, startSims } from './harness.mjs';

const TEXT = 'Over the hedge and far away.';
const USAGE = { input: 11, output: 7 };
const CALLS = [
  { name: 'get_weather', arguments: { city: 'Aintree', unit: 'celsius' } },
  { name: 'get_time', arguments: { city: 'Pardubice' } },
];
const chat = { key: 'sk-upstream', always: { text: TEXT, usage: USAGE } };
const tools = { key: 'sk-upstream', always: { tool_calls: CALLS, text: TEXT } };
const endless = { key: 'sk-upstream', always: { tokens: 100_000, token_gap_ms: 10 } };

// One sim for each model.
const SIMS = {
  'chat-openai': chat,
  'chat-anthropic': chat,
  'tools-openai': tools,
  'tools-anthropic': tools,
  'endless-openai': endless,
  'cut-openai': { key: 'sk-upstream', always: { text: TEXT, cut_after_tokens: 3 } },
  'busy-openai': { key: 'sk-upstream', always: { error: 429 } },
};

const messages = [{ role: 'user', content: 'Where to?' }];
let sims;
let gateway;
let client;

before(async () => {
  sims = await startSims(SIMS);
  gateway = await startGateway(config(sims.urls), Object.values(sims.urls));
  // Without retries of its own, which would hide those of the gateway.
  const options = { apiKey: 'sk-1234', maxRetries: 0, timeout: PATIENCE };
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, ...options });
});

after(async () => {
  await gateway?.close();
  await sims?.close();
});

function config(urls) {
  const lines = ['model_list:'];
  for (const [name, url] of Object.entries(urls)) {
    const anthropic = name.endsWith('-anthropic');
    lines.push(
      `  - model_name: ${name}`,
      '    litellm_params:',
      `      model: ${anthropic ? 'anthropic/claude-sim' : 'openai/gpt-sim'}`,
      `      api_base: ${anthropic ? url : `${url}/v1`}`,
      '      api_key: sk-upstream',
    );
  }
  lines.push('general_settings:', '  master_key: sk-1234', '');
  return lines.join('\n');
}

for (const dialect of ['openai', 'anthropic']) {
  test(`a whole answer has text, finish reason and usage (${dialect})`, async () => {
    const answer = await client.chat.completions.create({ model: `chat-${dialect}`, messages });

    assert.equal(answer.choices.length, 1);
    assert.equal(answer.choices[0].message.content, TEXT);
    assert.equal(answer.choices[0].finish_reason, 'stop');
    assert.equal(answer.usage.prompt_tokens, USAGE.input);
    assert.equal(answer.usage.completion_tokens, USAGE.output);
  });

  test(`a stream has the text in pieces, one finish reason, and usage (${dialect})`, async () => {
    const stream = await client.chat.completions.create({
      model: `chat-${dialect}`,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const pieces = [];
    const finishes = [];
    let last;
    for await (const chunk of stream) {
      last = chunk;
      for (const { delta, finish_reason: finish } of chunk.choices) {
        if (delta.content) pieces.push(delta.content);
        if (finish) finishes.push(finish);
      }
    }
    assert.ok(pieces.length > 1);
    assert.equal(pieces.join(''), TEXT);
    assert.deepEqual(finishes, ['stop']);
    assert.equal(last.usage.total_tokens, USAGE.input + USAGE.output);
  });

  test(`tools are run by the SDK's own loop, from a stream (${dialect})`, async () => {
    const called = [];
    const tool = (name, ...fields) => ({
      type: 'function',
      function: {
        name,
        parameters: {
          type: 'object',
          properties: Object.fromEntries(fields.map((field) => [field, { type: 'string' }])),
        },
        parse: JSON.parse,
        function: (args) => {
          called.push({ name, arguments: args });
          return 'rain';
        },
      },
    });
    const runner = client.chat.completions.runTools({
      model: `tools-${dialect}`,
      messages,
      stream: true,
      tools: [tool('get_weather', 'city', 'unit'), tool('get_time', 'city')],
    });

    assert.equal(await runner.finalContent(), TEXT);
    assert.deepEqual(called, CALLS);
  });
}

test('a wrong key is an authentication error', async () => {
  const stranger = client.withOptions({ apiKey: 'sk-wrong' });
  await assert.rejects(
    stranger.chat.completions.create({ model: 'chat-openai', messages }),
    OpenAI.AuthenticationError,
  );
});

test('an unknown model is not found', async () => {
  await assert.rejects(
    client.chat.completions.create({ model: 'no-such-model', messages }),
    (error) => error instanceof OpenAI.NotFoundError && error.code === 'model_not_found',
  );
});

test('a provider out of quota is a rate limit error', async () => {
  await assert.rejects(
    client.chat.completions.create({ model: 'busy-openai', messages }),
    (error) => error instanceof OpenAI.RateLimitError && error.status === 429,
  );
});

test('a stream that breaks off after content throws, and never looks finished', async () => {
  const stream = await client.chat.completions.create({
    model: 'cut-openai',
    messages,
    stream: true,
  });
  let content = '';
  const finishes = [];
  const read = async () => {
    for await (const { choices } of stream) {
      content += choices[0]?.delta.content ?? '';
      if (choices[0]?.finish_reason) finishes.push(choices[0].finish_reason);
    }
  };
  await assert.rejects(read, OpenAI.APIError);
  assert.ok(content !== '' && TEXT.startsWith(content));
  assert.deepEqual(finishes, []);
});

test('a caller who leaves a stream cancels the call upstream', async () => {
  const stream = await client.chat.completions.create({
    model: 'endless-openai',
    messages,
    stream: true,
  });
  for await (const { choices } of stream) {
    if (choices[0]?.delta.content) break;
  }
  const wait = { wait: 'endless-openai', for: { cancelled: 1 }, within_ms: PATIENCE };
  const { in_flight: inFlight } = await sims.ask(wait);
  assert.equal(inFlight, 0);
});
