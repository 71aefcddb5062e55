// Starts the viewer on this server's own documents; nothing is fetched from anywhere else.
const links = Array.from(document.querySelectorAll("nav a"));
const asked = new URLSearchParams(location.search).get("dialect");
const chosen = links.find((link) => link.dataset.dialect === asked) ?? links[0];
chosen.setAttribute("aria-current", "page");
SwaggerUIBundle({
  url: `openapi/${chosen.dataset.dialect}.json`,
  dom_id: "#api",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
  defaultModelsExpandDepth: 0,
  presets: [SwaggerUIBundle.presets.apis],
});
