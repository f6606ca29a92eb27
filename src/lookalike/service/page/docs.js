// What can be asked over HTTP? Drawn from openapi.json, so that it needs no other server and cannot fall behind.

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

const spec = await (await fetch("openapi.json")).json();

const resolve = (schema = {}) =>
  schema.$ref ? resolve(schema.$ref.slice(2).split("/").reduce((inner, key) => inner?.[key], spec)) : schema;

/** Make an element of text in which `this` is code. */
function prose(name, text) {
  const made = element(name);
  for (const [n, piece] of text.split("`").entries()) made.append(n % 2 ? element("code", "", piece) : piece);
  return made;
}

function typeOf(schema) {
  const one = resolve(schema);
  if (schema.$ref && one.properties) return schema.$ref.split("/").pop();
  if (one.anyOf) return one.anyOf.map(typeOf).filter((name) => name !== "null").join(" or ");
  if (one.enum) return one.enum.join(" | ");
  if (one.type === "array") return one.prefixItems ? `${one.prefixItems.length} numbers` : `list of ${typeOf(one.items ?? {})}`;
  return one.format === "binary" ? "file" : one.format === "date-time" ? "time" : one.type ?? "anything";
}

function limits(schema) {
  const said = [];
  if (schema.default !== undefined && schema.default !== "" && schema.default !== null) said.push(`default ${schema.default}`);
  if (schema.minimum !== undefined && schema.maximum !== undefined) said.push(`${schema.minimum} to ${schema.maximum}`);
  const [example] = schema.examples ?? [];
  if (example !== undefined && example !== "") said.push(`e.g. ${typeof example === "string" ? example : JSON.stringify(example)}`);
  return said.join(" · ");
}

function fields(properties) {
  const list = element("dl");
  for (const [name, schema] of Object.entries(properties)) {
    const meaning = prose("dd", [typeOf(schema), schema.description].filter(Boolean).join(". "));
    const more = limits(schema);
    if (more) meaning.append(element("small", "", more));
    list.append(element("dt", "", name), meaning);
  }
  return list;
}

function section(title, properties = {}) {
  return Object.keys(properties).length ? [element("h3", "", title), fields(properties)] : [];
}

/** Give a value that suits a schema: its example, or an object of those of its fields. */
function sample(schema = {}) {
  const one = resolve(schema);
  if (schema.examples) return schema.examples[0];
  if (one.oneOf) return sample(one.oneOf[0]);
  if (!one.properties) return one.examples?.[0];
  const all = Object.entries(one.properties).map(([name, field]) => [name, sample(field)]);
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

const isFile = (schema) => (schema.items ?? schema).format === "binary";

/** Say what to give curl for a request to be the one it describes, body and all. */
function* sending(method, body = {}) {
  const form = body["multipart/form-data"]?.schema.properties;
  const json = body["application/json"]?.schema;
  const files = Object.keys(form ?? {}).filter((name) => isFile(form[name]));
  if ((method !== "get" && !files.length && !json) || method === "patch") yield `-X ${method.toUpperCase()}`;
  if (files.length) yield* files.map((name) => `-F ${name}=@picture.jpg`);
  else if (json) yield `-H 'Content-Type: application/json' -d '${JSON.stringify(sample(json))}'`;
}

/** Say how to take what is no text, and events as they happen. */
function taking({ 200: { content = {} } = {} }) {
  const kinds = Object.keys(content);
  if (kinds.includes("text/event-stream")) return ["-N"];
  return kinds.length && !kinds.includes("application/json") ? ["-OJ"] : [];
}

function example(method, path, { parameters = [], requestBody, responses }) {
  const given = (where) => parameters.filter((one) => one.required && one.in === where).map(({ name, schema }) => [name, sample(schema)]);
  const named = given("path").reduce((filled, [name, value]) => filled.replace(`{${name}}`, value), path);
  const query = new URLSearchParams(given("query")).toString();
  const url = new URL(named.slice(1), document.baseURI).href;
  return ["curl", ...sending(method, requestBody?.content), ...taking(responses), query ? `'${url}?${query}'` : url].join(" ");
}

function* answers(responses) {
  for (const [status, { description, content = {} }] of Object.entries(responses)) {
    const kinds = Object.keys(content).filter((kind) => !kind.includes("problem"));
    const schema = content["application/json"]?.schema;
    const shape = schema ? typeOf(schema) : kinds.join(", ");
    yield [status, { description, type: shape || (content["application/problem+json"] ? "Problem" : "nothing") }];
  }
}

function operation(method, path, about) {
  const id = about.operationId;
  const body = about.requestBody?.content;
  const call = element("p", "call");
  call.append(element("span", "method", method.toUpperCase()), path);
  const heading = element("h2", "", about.summary);
  heading.id = id;
  const parameters = Object.fromEntries(
    (about.parameters ?? []).map(({ name, schema, description }) => [name, { ...schema, description }]),
  );
  const made = [heading, call, ...about.description.split("\n\n").map((text) => prose("p", text))];
  made.push(element("pre", "", example(method, path, about)), ...section("Parameters", parameters));
  for (const [kind, { schema }] of Object.entries(body ?? {})) made.push(...section(`Body, as ${kind}`, resolve(schema).properties));
  const success = resolve(about.responses["200"]?.content?.["application/json"]?.schema ?? about.responses["201"]?.content?.["application/json"]?.schema);
  made.push(...section("Answer", success.properties ?? {}));
  for (const inner of Object.values(success.properties ?? {})) {
    const item = inner.type === "array" && resolve(inner.items);
    if (item?.properties) made.push(...section(`Each ${typeOf(inner.items)}`, item.properties));
  }
  made.push(...section("Statuses", Object.fromEntries(answers(about.responses))));
  const link = element("a");
  link.href = `#${id}`;
  link.append(element("b", "", method.toUpperCase()), about.summary);
  document.getElementById("contents").append(link);
  return made;
}

document.getElementById("lead").append(...prose("p", spec.info.description).childNodes);
for (const [path, methods] of Object.entries(spec.paths)) {
  for (const [method, about] of Object.entries(methods)) {
    document.getElementById("operations").append(...operation(method, path, about));
  }
}
for (const { type, status, title, description } of spec["x-problems"]) {
  const term = element("dt", "", type);
  term.id = type;
  const meaning = element("dd", "", `${title} (${status})`);
  meaning.append(element("small", "", description));
  document.getElementById("problem-list").append(term, meaning);
}
document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
