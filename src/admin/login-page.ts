/** The style of the page, which is written in it, so that nothing but the page is there for those who have not logged in. */
export const LOGIN_STYLE = `
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1rem/1.5 system-ui, sans-serif;
  background: light-dark(#f4f6f8, #14181d); color: light-dark(#1b2430, #e4e9ef); }
form { width: min(20rem, calc(100vw - 4rem)); padding: 1.5rem; border-radius: 0.75rem; display: grid; gap: 0.75rem;
  background: light-dark(#fff, #1e242c); border: 1px solid light-dark(#d8dee6, #38424e); }
h1 { margin: 0; font-size: 1.25rem; }
label { font-weight: 600; }
input, button { font: inherit; padding: 0.5rem 0.75rem; border-radius: 0.4rem; min-height: 2.75rem; box-sizing: border-box; width: 100%; }
input { border: 1px solid light-dark(#7b8794, #7b8794); background: light-dark(#fff, #14181d); color: inherit; }
button { border: 0; background: #0b62c4; color: #fff; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 3px solid light-dark(#0b62c4, #7db8ff); outline-offset: 2px; }
p { margin: 0; color: light-dark(#a4161a, #ff9a9a); }
`;

/** The form, and what was wrong about it the last time. `mistake` is a sentence of ours. */
export function loginPage(mistake: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>Homing: log in</title>
<style>${LOGIN_STYLE}</style>
</head>
<body>
<form method="post" action="login">
<h1>Homing admin</h1>
${mistake === '' ? '' : `<p role="alert">${mistake}</p>\n`}<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
<button>Log in</button>
</form>
</body>
</html>
`;
}
