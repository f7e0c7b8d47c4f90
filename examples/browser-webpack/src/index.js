/** Shows a task that lies beside the page: the element needs no program. */
import "@engraft/web/element";

document.querySelector("engraft-task").addEventListener("prediction", ({ detail }) => {
  console.log(detail.prediction.label, detail.accepted);
});
