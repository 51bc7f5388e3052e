// A page that shows one run and nothing else.
import { mountPlayers } from "./run/player.js";

mountPlayers(document);
document.addEventListener("htmx:load", (event) => mountPlayers(event.detail.elt));
