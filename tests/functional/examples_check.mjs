// Writes the examples of the pages for operations of a running server, runs them, and prints their output
// as JSON: node examples_check.mjs URL FOLDER TOKEN CART PYTHON. Each example runs as a user would paste it.
import {spawnSync} from "node:child_process";
import {writeFileSync} from "node:fs";
import {answerKind, curlExample, exampleValues, javascriptExample, pythonExample, requestOf}
  from "../../net/web/example.js";

const [base, folder, token, carts, python] = process.argv.slice(2);
const root = await (await fetch(`${base}/openapi.json`)).json();

const languages = {
  curl: {make: curlExample, file: "example.sh", run: ["/bin/sh", "example.sh"]},
  javascript: {make: javascriptExample, file: "example.mjs", run: [process.execPath, "example.mjs"]},
  python: {make: pythonExample, file: "example.py", run: [python, "example.py"]},
};

function find(operationId) {
  for (const [path, item] of Object.entries(root.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (operation.operationId === operationId) return {path, method, operation};
    }
  }
  throw new Error(`no operation ${operationId}`);
}

function run(language, operationId, change) {
  const {path, method, operation} = find(operationId);
  const values = exampleValues(root, operation);
  if (values.token) values.token = token;
  change(values);
  const {make, file, run: [program, ...words]} = languages[language];
  const code = make(base, requestOf(method, path, values), answerKind(root, operation));
  writeFileSync(`${folder}/${file}`, `${code}\n`);
  const done = spawnSync(program, words, {cwd: folder, encoding: "utf8", timeout: 20000});
  return {language, operation: operationId, code, status: done.status ?? -1, output: done.stdout + done.stderr};
}

const file = "Handle,Title,Variant Price\nfrom-a-file,From a file,3.00\n";
writeFileSync(`${folder}/body.csv`, file);

const runs = [];
for (const [i, language] of Object.keys(languages).entries()) {
  if (language === "python" && !python) continue;
  runs.push(
      run(language, "list_products", (v) => { v.query = {limit: "2", sort: "-price"}; }),
      run(language, "register", (v) => {
        v.body = JSON.stringify({...JSON.parse(v.body), username: `it's ${language}`.replace(/\W/g, "_"),
                                 email: `${language}@example.com`, first_name: "D'Arcy \"é\"", last_name: "@\\n"}, null, 2);
      }),
      run(language, "create_cart", () => {}),
      run(language, "delete_cart", (v) => { v.path.cart_id = carts.split(",")[i]; }),
      run(language, "admin_export_products", () => {}),
      run(language, "admin_create_import", () => {}),
      run(language, "admin_create_import", (v) => { v.body = ""; v.file = "body.csv"; }),
      run(language, "metrics", () => {}),
      run(language, "get_product", () => {}));
}
/** The examples of all operations that their language cannot even read. */
function unreadable() {
  const broken = [];
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  const programs = [];
  for (const [path, item] of Object.entries(root.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const request = requestOf(method, path, exampleValues(root, operation));
      const kind = answerKind(root, operation);
      const id = operation.operationId;
      try {
        // A function cannot import.
        new AsyncFunction(javascriptExample(base, request, kind).replace(/^import .*$/m, ""));
      } catch (error) {
        broken.push(`${id} in JavaScript: ${error.message}`);
      }
      const shell = spawnSync("/bin/sh", ["-n"], {input: curlExample(base, request), encoding: "utf8"});
      if (shell.status !== 0) broken.push(`${id} in curl: ${shell.stderr}`);
      programs.push([id, pythonExample(base, request, kind)]);
    }
  }
  if (python) {
    const script = "import ast, json, sys\nfor name, text in json.load(sys.stdin): ast.parse(text, name)";
    const done = spawnSync(python, ["-c", script], {input: JSON.stringify(programs), encoding: "utf8"});
    if (done.status !== 0) broken.push(`Python: ${done.stderr}`);
  }
  return {broken, operations: programs.length};
}

console.log(JSON.stringify({runs, ...unreadable()}));
