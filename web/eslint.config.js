import js from "@eslint/js";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import globals from "globals";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["node_modules", "src/api/schema.d.ts", "extension/vendor"] },
  js.configs.recommended,
  ...ts.configs.strict,
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks, "jsx-a11y": a11y },
    languageOptions: { globals: globals.browser },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      ...a11y.flatConfigs.strict.rules,
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Names and captions are data." },
      ],
      "no-console": "error",
      eqeqeq: "error",
      "no-irregular-whitespace": ["error", { skipTemplates: true }], // French and German need no-break spaces
    },
  },
  { files: ["*.js"], languageOptions: { globals: globals.node } },
  { files: ["extension/*.js"], languageOptions: { globals: { ...globals.browser, ...globals.webextensions } } },
);
