// What every page uses. No framework, and nothing newer than the browsers of TVs that are some years old.
document.documentElement.classList.add("scripted");

const $ = (id) => document.getElementById(id);

// One item of local storage; private windows may refuse it.
const store = {
  read() {
    try {
      return Object(JSON.parse(localStorage.getItem("videoserve")));
    } catch (error) {
      return {};
    }
  },
  change(how) {
    const all = store.read();
    how(all);
    try {
      localStorage.setItem("videoserve", JSON.stringify(all));
    } catch (error) {
      // Then it is not remembered.
    }
  },
};

// 83 as 1:23.
function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

